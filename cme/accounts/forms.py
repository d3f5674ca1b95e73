"""What people type about themselves."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional, StopValidation, ValidationError
from wtforms.widgets import EmailInput, TelInput

from cme.accounts import rules, services
from cme.accounts.models import Account
from cme.errors import Refusal
from cme.forms import CreatingForm, Form, LineField

EMAIL_LENGTH = 254
ENTER_EMAIL = "Enter an email address, like name@example.com"


def _deliverable(form: Any, field: Field) -> None:
    """Refuse what no letter could be sent to."""
    try:
        # Whether the address exists is proven by the letter itself; names reserved for tests are harmless.
        validate_email(field.data, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(ENTER_EMAIL) from error
    if not field.data.isascii():
        raise ValidationError(ENTER_EMAIL)


def email_field() -> LineField:
    """A field for the address somebody has or wants an account with."""
    return LineField("Email", [DataRequired("Enter your email address")], most=EMAIL_LENGTH, widget=EmailInput())


class SignInForm(Form):
    """Who is it?"""

    email = email_field()
    password = PasswordField("Password", [InputRequired("Enter your password")])
    keep = BooleanField("Keep me signed in")
    kept = HiddenField()  # what was typed into another form when the sign-in ended


class JoinForm(CreatingForm):
    """A new account."""

    email = email_field()
    password = PasswordField("Password", [InputRequired("Choose a password")])

    def validate_email(self, field: Field) -> None:
        """Refuse what no letter could be sent to."""
        _deliverable(self, field)

    def validate_password(self, field: Field) -> None:
        """Refuse a password others would try."""
        _hard_to_guess(field, self.email.data or "")


def _hard_to_guess(field: Field, email: str) -> None:
    try:
        services.check_password(field.data, email)
    except Refusal as refusal:
        raise ValidationError(str(refusal)) from refusal


class ForgotForm(CreatingForm):
    """Where the link to a new password is to go."""

    email = email_field()

    def validate_email(self, field: Field) -> None:
        """Refuse what no letter could be sent to."""
        _deliverable(self, field)


class NewPasswordForm(Form):
    """A new password, for an owner of an address who is known by a letter's link."""

    password = PasswordField("New password", [InputRequired("Choose a password")])

    def __init__(self, email: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owner = email

    def validate_password(self, field: Field) -> None:
        """Refuse a password others would try."""
        _hard_to_guess(field, self.owner)


class ChangePasswordForm(NewPasswordForm):
    """A new password, for somebody who knows the old one."""

    current = PasswordField("Current password", [InputRequired("Enter your current password")])


class Numbered:
    """Refuse what cannot be an identifier of this kind."""

    def __init__(self, kind: rules.Identifier) -> None:
        self.kind = kind

    def __call__(self, form: Any, field: Field) -> None:
        try:
            self.kind.clean(field.data or "")
        except ValueError as error:
            raise StopValidation(str(error)) from error


class DetailsForm(Form):
    """Account Details."""

    professional_name = LineField(
        "Professional Name", [DataRequired("Enter your Professional Name")], most=rules.NAME_LENGTH
    )
    certification_type = SelectField(
        "Certification Type",
        choices=[
            SelectChoice("", "Select one"),
            *(SelectChoice(kind.code, kind.label) for kind in rules.CERTIFICATION_TYPES.values()),
        ],
        validate_choice=False,
    )
    kinds: Sequence[rules.Identifier] = ()
    specialty = LineField("Specialty", most=100)
    phone = LineField("Mobile phone", most=40, widget=TelInput())

    def __init__(self, *, missing_letters: Callable[[str], set[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.missing_letters = missing_letters

    @property
    def identifiers(self) -> list[Field]:
        """The fields for the numbers others know this person by."""
        return [self[f"id-{each.kind}"] for each in self.kinds]

    @property
    def numbers(self) -> dict[str, str]:
        """What was sent of these numbers; whoever sends the form by hand may leave them out."""
        typed = [(each, self[f"id-{each.kind}"]) for each in self.kinds]
        return {each.kind: each.clean(field.data) if field.data else "" for each, field in typed if field.raw_data}

    def validate_professional_name(self, field: Field) -> None:
        """Refuse a name that no certificate could carry."""
        if field.errors:
            return
        if not rules.is_printable_name(field.data):
            raise ValidationError("Enter your Professional Name with its letters, like Jordan A. Sample, MD")
        missing = sorted(self.missing_letters(field.data))
        if missing:
            raise ValidationError(
                f"Certificates cannot show {', '.join(missing)}. Enter your name in Latin letters, "
                "as it is spelled on your passport or license"
            )

    def validate_certification_type(self, field: Field) -> None:
        """Refuse what is not in the list."""
        if field.data not in rules.CERTIFICATION_TYPES:
            raise ValidationError("Select your Certification Type")

    def validate_phone(self, field: Field) -> None:
        """Refuse what nobody can dial."""
        if field.data and not (re.fullmatch(r"[\d\s()+./x-]+", field.data) and re.search(r"(?:\D*\d){7}", field.data)):
            raise ValidationError("Enter a phone number, like (941) 555-0178")


def details_form(
    person: Account, on_file: Mapping[str, str], *, missing_letters: Callable[[str], set[str]]
) -> DetailsForm:
    """Account Details with a field for each number somebody of this certification type may have."""
    kinds = rules.identifiers_for(person.certification_type, on_file)
    fields = {
        f"id-{each.kind}": LineField(
            each.title,
            [Optional(), Numbered(each)],
            most=rules.LONGEST,
            default=rules.as_written(each.kind, on_file.get(each.kind, "")),
            description=f"Like {each.example}",
        )
        for each in kinds
    }
    made: DetailsForm = type("DetailsForm", (DetailsForm,), {**fields, "kinds": kinds})(
        missing_letters=missing_letters, obj=person
    )
    return made
