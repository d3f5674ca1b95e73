"""A Stripe to develop, demonstrate and test against: our side of the protocol, not proof that Stripe accepts it."""

from .server import NotLoopback, Sandbox

__all__ = ["NotLoopback", "Sandbox"]
