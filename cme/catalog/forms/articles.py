"""The article's editor as a form."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from cme.catalog.forms.fields import DayField, ListField, choices
from cme.catalog.values import ArticleValues
from cme.forms import CreatingForm, Form, LineField, PageField

LONGEST_BODY = 40_000


class ArticleForm(Form):
    """Everything staff say of an article."""

    # After a refused saving: what keeps it from being published, and what somebody else saved meanwhile.
    lacking: Sequence[Any] = ()
    theirs: Sequence[tuple[str, str]] = ()

    version = HiddenField()
    title = LineField("Title", [InputRequired("Enter the title")])
    summary = LineField(
        "Summary", most=300, description="One or two sentences, up to 300 characters. Lists and search engines show it."
    )
    body = PageField("Text", most=LONGEST_BODY)
    slug = LineField(
        "Web address",
        [Optional(), Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", message="Use small letters, digits and single hyphens")],
        most=120,
        description="Made from the title when left empty. It stays once the article was published.",
    )
    category = SelectField("Category", validate_choice=False)
    new_category = LineField("New category", most=60, description="Only to name one that is not in the list.")
    author = LineField("Author", most=120, description="As it is printed after “By”. May be left empty.")
    published_on = DayField(
        "Date",
        description="Left empty, the day you publish. With a day ahead the article appears when that day begins, "
        "Eastern Time.",
    )
    specialty = LineField(
        "Specialty", most=60, description="Together with the topics it chooses the seminars shown below the text."
    )
    topics = ListField("Topics", 20, 60, description="One on each line, written as the seminars write them.")

    def offer(self, categories: Iterable[tuple[str, str]]) -> None:
        """Give the select what can be chosen."""
        self.category.choices = choices([("", "None chosen"), *categories])

    def validate_category(self, field: Any) -> None:
        """An article stands on one shelf, which is there or is made now."""
        if field.data and self.new_category.data:
            raise ValidationError("Choose a category or name a new one, not both")
        if not field.data and not self.new_category.data:
            raise ValidationError("Choose a category or name a new one")
        if field.data and field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a category from the list")

    def values(self) -> ArticleValues:
        """The article as typed; only for a form without errors."""
        plain = ("title", "slug", "summary", "body", "category", "new_category", "author", "specialty")
        return ArticleValues(
            **{name: self[name].data or "" for name in plain},
            published_on=self.published_on.data,
            topics=self.topics.items,
        )

    def differences(self, theirs: "ArticleForm") -> list[tuple[str, str]]:
        """What stands differently in another version: labels, with their words."""
        names = set(self._fields) - {"version", "form_id", "csrf_token"}
        return [
            (field.label.text, str(theirs[field.name].data or "nothing"))
            for field in self
            if field.name in names and (field.data or None) != (theirs[field.name].data or None)
        ]


class NewArticleForm(CreatingForm, ArticleForm):
    """The editor of an article that is not there yet."""
