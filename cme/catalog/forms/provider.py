"""The provider's settings and the texts for everybody, as forms."""

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Regexp, ValidationError

from cme.catalog.forms.fields import WholeField
from cme.catalog.forms.policy import PolicyForm
from cme.forms import Form, LineField, PageField
from cme.settings import ACCREDITATIONS, Provider

DIGITS = Regexp(r"^[0-9()+\-. ]{7,40}$", message="Enter a telephone number like (941) 555-0142")


class ProviderForm(Form):
    """How the provider introduces itself, and its policies."""

    version = HiddenField()
    name = LineField("Name", [InputRequired("Enter the provider's name")], most=120)
    first_line = LineField("First line of the logo", [InputRequired("Enter the first line of the logo")], most=40)
    second_line = LineField("Second line of the logo", [InputRequired("Enter the second line of the logo")], most=40)
    tagline = LineField("Tagline", most=200)
    phone = LineField("Telephone", [InputRequired("Enter the telephone number"), DIGITS], most=40)
    email = LineField("Email", [InputRequired("Enter the email address"), Email("Enter an email address")])
    hours = LineField("Hours", most=120)
    address = LineField("Postal address", [InputRequired("Enter the postal address")])
    accreditation = SelectField("Accredited by", choices=[SelectChoice(*kind) for kind in ACCREDITATIONS.items()])
    accreditor = LineField("Accreditor", [InputRequired("Enter the accreditor")])
    accreditor_short = LineField("Accreditor, short", [InputRequired("Enter the accreditor's short name")], most=40)
    nursing_statement = LineField("Statement of the nursing accreditor", most=400)
    signatory = LineField("Signatory of certificates", [InputRequired("Enter who signs certificates")], most=120)
    signatory_title = LineField("Title of the signatory", [InputRequired("Enter the signatory's title")], most=120)
    claim_window_days = WholeField("Days to claim credit", 1, 3650)
    residents_are_physicians = BooleanField("Residents and fellows are awarded credit as physicians")
    tax_line = LineField("Tax number as receipts have it", most=80)
    remittance = LineField("Where a bank transfer goes", most=120)
    invoice_days = WholeField("Days to pay an invoice", 0, 365)
    policy = FormField(PolicyForm, "Policy")

    def validate_accreditor(self, field: Any) -> None:
        """A state society is named as itself, the ACCME as the ACCME."""
        names_accme = "ACCME" in (field.data or "")
        if self.accreditation.data == "society" and names_accme:
            raise ValidationError("Enter the state society that accredits you, in place of the ACCME")
        if self.accreditation.data == "accme" and not names_accme:
            raise ValidationError("Enter the ACCME in full with its letters, or select who else accredits you")

    def validate_accreditor_short(self, field: Any) -> None:
        """Joint activities name the accreditor in short: the same one."""
        if self.accreditation.data == "society" and "ACCME" in (field.data or ""):
            raise ValidationError("Enter the society that accredits you in short, in place of the ACCME")
        if self.accreditation.data == "accme" and field.data != "ACCME":
            raise ValidationError("Enter ACCME, or select who else accredits you")

    def validate_claim_window_days(self, field: Any) -> None:
        """The window is never endless."""
        if field.data is None and not field.errors:
            raise ValidationError("Enter how many days learners have to claim")

    @classmethod
    def shown(cls, provider: Provider, version: int) -> dict[str, Any]:
        """The fields for a provider."""
        first, second = provider.name_lines
        return provider.to_json() | {
            "version": version,
            "first_line": first,
            "second_line": second,
            "policy": PolicyForm.shown(provider.policy),
        }

    def provider(self, before: Provider) -> Provider:
        """The provider as typed."""
        plain = ("name", "tagline", "phone", "email", "hours", "address", "signatory", "signatory_title")
        credit = ("accreditation", "accreditor", "accreditor_short", "nursing_statement")
        papers = ("tax_line", "remittance")
        words: dict[str, Any] = {name: self[name].data or "" for name in (*plain, *credit, *papers)}
        return replace(
            before,
            **words,
            name_lines=(self.first_line.data, self.second_line.data),
            claim_window_days=self.claim_window_days.data,
            residents_are_physicians=bool(self.residents_are_physicians.data),
            invoice_days=self.invoice_days.data or 0,
            policy=self.policy.form.values(),
        )


class TextForm(Form):
    """A text for everybody, in Markdown."""

    version = HiddenField()
    title = LineField("Heading", [InputRequired("Enter the heading")], most=120)
    body = PageField("Text", [InputRequired("Enter the text")], most=100_000)
