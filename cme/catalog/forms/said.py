"""What the editor has to say of itself: what is wrong and where, and what stands differently in another version."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectMultipleField

from cme.catalog.forms.fields import Rows

OF_THE_FORM = {"version", "form_id", "csrf_token", "number"}  # what nobody typed, and nobody reads


class Problem(NamedTuple):
    """Something wrong: the id of its field, where that is shown, and the words that name the row."""

    anchor: str | None
    words: str


def problems(fields: Any, where: str = "") -> Iterator[Problem]:
    """Every error in the order of the page, each naming its row: "Session 3, Ends: enter a time like 08:30"."""
    for field in fields:
        if not field.errors:
            continue
        if isinstance(field, Rows):
            for number, entry in enumerate(field.entries, 1):
                yield from problems(entry.form, f"{field.each} {number}")
        elif isinstance(field, FormField):
            yield from problems(field.form, ", ".join(part for part in (where, field.label.text) if part))
        else:
            anchor = None if isinstance(field, HiddenField) else _anchor(field)
            for message in field.errors:
                yield Problem(anchor, _named(field.label.text, message, where))


def _anchor(field: Any) -> str:
    return f"{field.id}-0" if isinstance(field, RadioField | SelectMultipleField) else str(field.id)


def _named(label: str, message: str, where: str) -> str:
    if not where:
        return message
    return f"{where}, {message}" if message.startswith((f"{label}: ", f"{label} ")) else f"{where}, {label}: {message}"


def differences(mine: Any, theirs: Any) -> list[tuple[str, str | None]]:
    """What stands differently in another version: labels, with their words where these are short."""
    found: list[tuple[str, str | None]] = []
    for field in mine:
        other = theirs._fields.get(field.short_name)
        if other is None or field.short_name in OF_THE_FORM:
            continue
        if isinstance(field, Rows):
            found += _rows_apart(field, other)
        elif said(field.data) != said(other.data):
            is_short = not isinstance(other, FormField | BooleanField)
            found.append((field.label.text, str(other.data or "nothing") if is_short else None))
    return found


def _rows_apart(mine: Rows, other: Rows) -> Iterator[tuple[str, str | None]]:
    """Each row that only the other version has, by what it says first; else that the rows stand differently."""
    here, there = [said(row.data) for row in mine.kept], [said(row.data) for row in other.kept]
    if here == there:
        return
    added = [row for row in other.kept if said(row.data) not in here]
    for row in added:
        yield mine.label.text, row.headline
    if not added:
        yield mine.label.text, None


def said(data: Any) -> Any:
    """What a value says: an empty field and one that was never shown say the same."""
    if isinstance(data, dict):
        return {name: said(value) for name, value in data.items() if name not in OF_THE_FORM and said(value)} or None
    if isinstance(data, list):
        return [each for each in map(said, data) if each] or None
    return data or None
