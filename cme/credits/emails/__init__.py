"""The letters of this room."""

from cme.credits.emails.certificates import certificate_issued

__all__ = ["certificate_issued"]
