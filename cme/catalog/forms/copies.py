"""Starting a seminar from another one, as a form."""

from wtforms.validators import InputRequired

from cme.catalog.forms.fields import DayField
from cme.forms import CreatingForm


class DuplicateForm(CreatingForm):
    """When the new seminar begins."""

    starts_on = DayField("First day", [InputRequired("Enter the first day of the new seminar")])
