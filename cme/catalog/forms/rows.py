"""The repeated parts of the seminar's editor: faculty, ways to attend with their tuition, support."""

from typing import Any

from wtforms import BooleanField, Form, FormField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from cme.accounts.rules import TIER_LABELS, Tier
from cme.catalog.forms.fields import DayField, MoneyField, RowForm, WholeField, choices
from cme.catalog.values import DisclosureValues, OfferingValues, PersonValues, SupportValues, TierValues
from cme.forms import LineField, PageField
from cme.values import Mode

ROLES = {"faculty": "Faculty", "director": "Course director", "planner": "Planner", "reviewer": "Reviewer"}
RELEVANCE = {"": "Not decided yet", "y": "Yes, it is relevant", "n": "No, it is not"}
DISCLOSED = {"": "Not disclosed yet", "none": "Nothing to disclose", "relationship": "A financial relationship"}


class PersonForm(RowForm):
    """Somebody in control of the content, and what they disclosed."""

    content = ("slug", "name", "credentials", "title", "affiliation")

    slug = SelectField("Person", choices=[], default="")
    role = SelectField("Role", choices=choices(ROLES.items()), default="faculty")
    name = LineField("Name", most=120)
    credentials = LineField("Credentials", most=60)
    title = LineField("Position")
    affiliation = LineField("Institution")
    disclosure = SelectField("Disclosure, last 24 months", choices=choices(DISCLOSED.items()), default="")
    company = LineField("Company")
    nature = LineField("Nature of the relationship")
    is_relevant = SelectField("Relevant to what this person teaches", choices=choices(RELEVANCE.items()), default="")
    mitigation = PageField("How it was mitigated", most=2000)
    mitigated_on = DayField("Mitigated on")

    def validate_name(self, field: Any) -> None:
        """Somebody new needs a name."""
        if not self.slug.data and not field.data:
            raise ValidationError("Enter the person's name, or select someone")
        if self.slug.data and field.data:
            raise ValidationError("Select someone or add someone new, not both")

    def validate_company(self, field: Any) -> None:
        """A relationship is one with somebody."""
        if self.disclosure.data == "relationship" and not field.data:
            raise ValidationError("Enter the company's name")
        if self.disclosure.data != "relationship" and field.data:
            raise ValidationError("Select “A financial relationship”, or empty the company")

    def validate_nature(self, field: Any) -> None:
        """A relationship is of some kind."""
        if self.disclosure.data == "relationship" and not field.data:
            raise ValidationError("Enter the nature of the relationship, like consultant or research support")

    def validate_mitigated_on(self, field: Any) -> None:
        """What was done to mitigate was done on some day."""
        if not field.errors and bool(field.data) != bool(self.mitigation.data):
            raise ValidationError("Enter both how and when the relationship was mitigated")

    def values(self) -> PersonValues:
        """The person as typed."""
        return PersonValues(
            role=self.role.data,
            slug=self.slug.data,
            name=self.name.data or "",
            credentials=self.credentials.data or "",
            title=self.title.data or "",
            affiliation=self.affiliation.data or "",
            disclosure=self._disclosure(),
        )

    def _disclosure(self) -> DisclosureValues | None:
        if self.disclosure.data == "none":
            return DisclosureValues()
        if self.disclosure.data != "relationship":
            return None
        return DisclosureValues(
            company=self.company.data,
            nature=self.nature.data,
            is_relevant=self.is_relevant.data == "y",
            is_decided=self.is_relevant.data != "",
            mitigation=self.mitigation.data or "",
            mitigated_on=self.mitigated_on.data,
        )


class TierForm(Form):
    """Tuition for one group; left empty, the group has none yet."""

    amount = MoneyField("Price")
    early = MoneyField("Early price")
    until = DayField("Early until")

    def validate_early(self, field: Any) -> None:
        """An early price needs a full one to be less than."""
        if field.data and not self.amount.data:
            raise ValidationError("Enter the full price beside the early one")

    def validate_until(self, field: Any) -> None:
        """An early price ends some day."""
        if not field.errors and bool(field.data) != bool(self.early.data):
            raise ValidationError("Enter both the early price and its last day")


class OfferingForm(Form):
    """One way to attend."""

    offered = BooleanField("Offered")
    capacity = WholeField("Seats", 0, 100_000)
    is_open = BooleanField("Open for registration", default=True)
    webcast_url = LineField(
        "Webcast link",
        [Optional(), Regexp(r"^https://\S+$", message="Enter a link that begins with https://")],
        most=500,
    )
    access_days = WholeField("Days of access", 1, 3650)
    physician = FormField(TierForm, TIER_LABELS[Tier.PHYSICIAN])
    clinician = FormField(TierForm, TIER_LABELS[Tier.CLINICIAN])
    trainee = FormField(TierForm, TIER_LABELS[Tier.TRAINEE])

    def validate(self, extra_validators: Any = None) -> bool:
        """A way that is not offered need not be right."""
        return bool(super().validate(extra_validators)) if self.offered.data else True

    @property
    def tiers(self) -> list[FormField]:
        """The groups tuition is set for."""
        return [self.physician, self.clinician, self.trainee]

    def values(self, mode: Mode) -> OfferingValues:
        """The way to attend as typed."""
        tiers = (
            TierValues(tier.short_name, tier.form.amount.minor, tier.form.early.minor, tier.form.until.data)
            for tier in self.tiers
            if tier.form.amount.minor is not None
        )
        return OfferingValues(
            mode=mode,
            capacity=self.capacity.data or 0,
            is_open=bool(self.is_open.data),
            webcast_url=self.webcast_url.data or None,
            access_days=self.access_days.data if mode == Mode.ON_DEMAND else None,
            tiers=tuple(tiers),
        )


class SupportForm(RowForm):
    """Commercial support from one source."""

    content = ("source", "nature")

    source = LineField("Source", [InputRequired("Enter who gave the support")])
    nature = LineField("In kind", description="Only if it was not money: what was given.")

    def values(self) -> SupportValues:
        """The support as typed."""
        return SupportValues(self.source.data, self.nature.data or "")
