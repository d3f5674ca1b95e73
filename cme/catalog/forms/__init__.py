"""What staff fill in: the seminar's editor, the provider's settings, the texts."""

from cme.catalog.forms.copies import DuplicateForm
from cme.catalog.forms.handouts import HandoutForm
from cme.catalog.forms.provider import ProviderForm, TextForm
from cme.catalog.forms.seminar import NewSeminarForm, SeminarForm

__all__ = ["DuplicateForm", "HandoutForm", "NewSeminarForm", "ProviderForm", "SeminarForm", "TextForm"]
