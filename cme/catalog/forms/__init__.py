"""What staff fill in: the seminar's editor, the provider's settings, the texts."""

from cme.catalog.forms.provider import ProviderForm, TextForm
from cme.catalog.forms.seminar import NewSeminarForm, SeminarForm

__all__ = ["NewSeminarForm", "ProviderForm", "SeminarForm", "TextForm"]
