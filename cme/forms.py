"""The base of every form: clean text in, clear errors out, nothing typed is lost."""

import secrets
import unicodedata
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import Length, Regexp, StopValidation

from cme.errors import Refusal

LINE, PAGE = 200, 20_000
# Directions may be set by the script of a name, never by hand: an override can make a certificate read backwards.
UNWANTED = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff"}


def clean_line(value: str | None) -> str | None:
    """Compose the letters (NFC), fold the white space, trim."""
    return None if value is None else " ".join(unicodedata.normalize("NFC", value).split())


def clean_page(value: str | None) -> str | None:
    """Compose the letters (NFC), keep the lines, trim."""
    if value is None:
        return None
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()


class Printable:
    """Refuse what cannot be stored, sent or printed: control characters, half characters, forced directions."""

    def __call__(self, form: Any, field: Field) -> None:
        for character in field.data or "":
            if character in "\n\t" and isinstance(field, TextAreaField):
                continue
            if character in UNWANTED or unicodedata.category(character) in {"Cc", "Cs"}:
                raise StopValidation(f"{field.label.text} has a character that cannot be printed. Type it again.")


class _Text(StringField):
    """Text in which white space alone is nothing, so that what is required is not answered by it."""

    raw_data: list[Any] | None

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Take in what was sent."""
        super().process(*args, **kwargs)
        if self.raw_data and not self.data:
            self.raw_data = [""]


class LineField(_Text):
    """One line of text."""

    def __init__(self, label: str, validators: Any = (), most: int = LINE, **kwargs: Any) -> None:
        limit = Length(max=most, message=f"{label} must be {most} characters or fewer")
        super().__init__(label, [Printable(), limit, *validators], filters=[clean_line], **kwargs)


class PageField(_Text, TextAreaField):
    """Several lines of text."""

    def __init__(self, label: str, validators: Any = (), most: int = PAGE, **kwargs: Any) -> None:
        limit = Length(max=most, message=f"{label} must be {most:,} characters or fewer")
        super().__init__(label, [Printable(), limit, *validators], filters=[clean_page], **kwargs)


def new_form_id() -> str:
    """Name one showing of a form, so that sending it twice does one thing."""
    return secrets.token_urlsafe(18)


class Form(FlaskForm):
    """A form that can be refused as a whole."""

    class Meta(FlaskForm.Meta):
        """Fields are read from sent forms alone: JSON and files would bring numbers and streams where text belongs."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The fields that were sent; None where nothing was, or where the caller wants a fresh form."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return request.form if form.is_submitted() else None

    refusal: str | None = None
    refused_status: int | None = None

    def refuse(self, refusal: Refusal | str) -> None:
        """Show a refusal above the form; the page answers with its status."""
        self.refusal = str(refusal)
        self.refused_status = refusal.status if isinstance(refusal, Refusal) else 409

    @property
    def has_errors(self) -> bool:
        """Whether anything has to be shown."""
        return bool(self.errors or self.refusal)

    @property
    def status(self) -> int:
        """The answer's status: 422 for what was typed wrong, the refusal's own otherwise, 200 for a fresh form."""
        if self.errors:
            return 422
        return self.refused_status or 200


class CreatingForm(Form):
    """A form whose sending creates something; the hidden id makes a repeat return the first result."""

    form_id = HiddenField(
        default=new_form_id,
        filters=[lambda sent: sent or new_form_id()],
        validators=[Regexp(r"[A-Za-z0-9_-]{16,40}\Z")],
    )
