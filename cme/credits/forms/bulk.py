"""What staff ask for all of a seminar at once."""

from wtforms import BooleanField

from cme.forms import CreatingForm, Form


class PrintForm(CreatingForm):
    """Print what is missing, or all of it again."""

    again = BooleanField("Print all again")


class RemindForm(Form):
    """Write to everybody listed."""
