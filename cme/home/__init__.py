"""What stands at the front door and in the middle of the house: pages that gather from several rooms."""

from cme.home import admin, front, letters, samples
from cme.home.blueprint import bp

__all__ = ["admin", "bp", "front", "letters", "samples"]
