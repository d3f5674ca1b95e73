"""What somebody enters who needs a visa."""

from wtforms.validators import DataRequired

from cme.forms import CreatingForm, LineField


class InvitationForm(CreatingForm):
    """Who is invited, as the passport says."""

    name = LineField("Name as in your passport", [DataRequired("Enter your name as in your passport")], most=120)
    country = LineField(
        "Country that issued your passport", [DataRequired("Enter the country that issued your passport")], most=60
    )
