"""What faculty disclose, and what staff say of them."""

from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import EmailInput

from cme.catalog.forms.fields import DayField, RowForm, Rows, choices
from cme.catalog.independence import ENDED, NATURES, Decision, FacultyValues, Relationship, is_plain_name
from cme.forms import CreatingForm, Form, LineField, PageField

NOTHING, SOME = "none", "some"
ANSWERS = {
    NOTHING: "I have nothing to disclose",
    SOME: "I have, or had in the last 24 months, a relationship with an ineligible company",
}
TIMES = {"current": "Current", "ended": "Ended"}
MOST_RELATIONSHIPS = 20
CODES = {nature: code for code, nature in NATURES.items()}


class RelationshipForm(RowForm):
    """A relationship with one company."""

    content = ("company", "nature")

    company = LineField("Company", [InputRequired("Enter the company's name")])
    nature = SelectField(
        "Nature of the relationship",
        [InputRequired("Select the nature of the relationship")],
        choices=choices([("", "Select"), *((code, words.capitalize()) for code, words in NATURES.items())]),
    )
    time = SelectField("Current or ended", choices=choices(TIMES.items()), default="current")

    def validate_company(self, field: Any) -> None:
        """Learners are told a name, nothing that advertises."""
        if not is_plain_name(field.data or ""):
            raise ValidationError(
                "Enter the company's name alone: no logo, no trade name with ® or ™, no web address. "
                "Learners are told company names only"
            )

    def values(self) -> Relationship:
        """The relationship as typed."""
        return Relationship(self.company.data, self.nature.data, self.time.data == "ended")


class DisclosureForm(Form):
    """All relationships of the last 24 months, or that there is none."""

    answer = RadioField(
        "What do you disclose?",
        [InputRequired("Select whether you have anything to disclose")],
        choices=choices(ANSWERS.items()),
    )
    relationships = Rows(FormField(RelationshipForm), "Relationships", "Relationship", max_entries=MOST_RELATIONSHIPS)
    attests = BooleanField(
        "I attest that this is complete: every financial relationship with an ineligible company, of any amount, "
        "within the last 24 months",
        [InputRequired("Tick the box to attest that this is complete")],
    )

    def validate_answer(self, field: Any) -> None:
        """The choice and the companies tell the same."""
        if field.data == NOTHING and self.relationships.kept:
            raise ValidationError("You named a company: remove it, or select that you have a relationship")
        if field.data == SOME and not self.relationships.kept:
            raise ValidationError("Name at least one company, or select that you have nothing to disclose")

    def values(self) -> list[Relationship]:
        """The relationships as typed; none for nothing to disclose."""
        return [row.values() for row in self.relationships.kept]


def said(disclosures: Sequence[Any], *, is_answer: bool) -> dict[str, Any]:
    """The form as somebody left it, or with what they said last year, to be checked."""
    rows = [
        {
            "company": found.company,
            "nature": CODES.get(found.nature.removesuffix(ENDED), ""),
            "time": "ended" if found.nature.endswith(ENDED) else "current",
        }
        for found in disclosures
        if found.has_relationship
    ]
    chosen = SOME if rows else NOTHING if is_answer else None
    return {"answer": chosen, "relationships": rows[:MOST_RELATIONSHIPS]}


class FacultyForm(Form):
    """Somebody's profile."""

    seen = HiddenField()  # the fingerprint of what was shown
    name = LineField("Name", [InputRequired("Enter the name")], most=120)
    credentials = LineField("Credentials", most=60, description="Like MD, FACC.")
    title = LineField("Position", description="Like Professor of Medicine.")
    field = LineField("Field", most=120, description="Like Cardiac electrophysiology.")
    affiliation = LineField("Institution")
    email = LineField(
        "Email",
        most=254,
        widget=EmailInput(),
        description="For disclosures and reminders; never shown to learners.",
    )
    bio = PageField("About", most=5000, description="Markdown: blank lines between paragraphs, - for lists.")

    def validate_email(self, field: Any) -> None:
        """Refuse what no letter could be sent to."""
        try:
            # Whether the address exists the letter itself shows; names reserved for tests are harmless.
            if field.data:
                validate_email(field.data, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError("Enter an email address, like name@example.com") from error

    def values(self) -> FacultyValues:
        """The profile as typed."""
        same = ("name", "credentials", "title", "field", "affiliation", "bio")
        return FacultyValues(**{name: self[name].data or "" for name in same}, email=self.email.data or None)


class DecisionForm(Form):
    """Whether a relationship is relevant, and how it was mitigated."""

    number = HiddenField()
    seen = HiddenField()
    relevant = RadioField(
        "Is it relevant to what this person teaches or plans?",
        [InputRequired("Select whether the relationship is relevant")],
        choices=choices({"yes": "Relevant", "no": "Not relevant"}.items()),
    )
    mitigation = PageField("How it was mitigated", most=2000)
    mitigated_on = DayField("Mitigated on")

    def validate_mitigated_on(self, field: Any) -> None:
        """What was done to mitigate was done on some day."""
        if not field.errors and bool(field.data) != bool(self.mitigation.data):
            raise ValidationError("Enter both how and when the relationship was mitigated")

    def values(self) -> Decision:
        """The decision as typed."""
        return Decision(self.relevant.data == "yes", self.mitigation.data or "", self.mitigated_on.data)


class AskForm(CreatingForm):
    """Nothing but the wish to send a link."""
