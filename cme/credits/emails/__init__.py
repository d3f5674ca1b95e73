"""The letters of this room."""

from cme.credits.emails.certificates import certificate_issued
from cme.credits.emails.correcting import claim_corrected, claim_withdrawn, extension_decided

__all__ = ["certificate_issued", "claim_corrected", "claim_withdrawn", "extension_decided"]
