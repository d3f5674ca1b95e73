"""Reading Stripe's form-encoded parameters, and refusing what Stripe would refuse."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .errors import BadParameter


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0][c]=v` as the hash Stripe makes of it; positions stay keys until a list is expected."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *way, last = re.split(r"\]?\[", name.removesuffix("]"))
        node = tree
        for here in way:
            node = node.setdefault(here or str(len(node)), {})
            if not isinstance(node, dict):
                raise BadParameter(f"Invalid hash: {name}", param=name)
        node[last or str(len(node))] = value
    return tree


@dataclass(frozen=True)
class Text:
    """Words of a limited length."""

    limit: int = 5000
    pattern: str = ""

    def read(self, value: Any, name: str) -> str:
        """The text, or why not."""
        if not isinstance(value, str):
            raise BadParameter("Invalid string", param=name)
        if len(value) > self.limit:
            raise BadParameter(f"Invalid string: must be at most {self.limit} characters", param=name)
        if not value or not re.fullmatch(self.pattern or ".*", value, re.DOTALL):
            code = "parameter_invalid_empty" if not value else None
            raise BadParameter(f"Invalid value for {name}: {value[:80]}", param=name, code=code)
        return value


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    least: int | None = None
    most: int | None = None

    def read(self, value: Any, name: str) -> int:
        """The number, or why not."""
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
            raise BadParameter(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
        number = int(value)
        if self.least is not None and number < self.least:
            raise BadParameter(f"This value must be greater than or equal to {self.least}.", param=name)
        if self.most is not None and number > self.most:
            raise BadParameter(f"This value must be less than or equal to {self.most}.", param=name)
        return number


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Any, name: str) -> bool:
        """The flag, or why not."""
        if value not in ("true", "false"):
            raise BadParameter(f"Invalid boolean: {value}", param=name)
        return value == "true"


@dataclass(frozen=True)
class OneOf:
    """One of some words; `ours` are those the sandbox can play."""

    words: tuple[str, ...]
    ours: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> str:
        """The word, or why not."""
        if value not in self.words:
            raise BadParameter(f"Invalid {name}: must be one of {', '.join(self.words)}", param=name)
        if self.ours and value not in self.ours:
            raise BadParameter(f"The sandbox plays {name}={' or '.join(self.ours)} only", param=name)
        return str(value)


@dataclass(frozen=True)
class Url:
    """An address to send the customer to."""

    def read(self, value: Any, name: str) -> str:
        """The address, or why not."""
        try:
            parts = urlsplit(value if isinstance(value, str) else "")
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise BadParameter("Not a valid URL", param=name, code="url_invalid")
        return str(value)


@dataclass(frozen=True)
class Metadata:
    """Up to 50 short notes, for the caller's own use."""

    def read(self, value: Any, name: str) -> dict[str, str]:
        """The notes, or why not."""
        if value == "":
            return {}
        if not isinstance(value, dict) or not all(isinstance(note, str) for note in value.values()):
            raise BadParameter("Invalid object", param=name)
        if len(value) > 50 or any(len(key) > 40 or len(note) > 500 for key, note in value.items()):
            raise BadParameter("Metadata takes 50 keys of 40 characters, with values of 500", param=name)
        return {key: note for key, note in value.items() if note}


@dataclass(frozen=True)
class Many:
    """A list of one kind of thing."""

    of: Any
    most: int = 100

    def read(self, value: Any, name: str) -> list[Any]:
        """The list, or why not."""
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise BadParameter("Invalid array", param=name)
        if len(value) > self.most:
            raise BadParameter(f"Array {name} takes at most {self.most} items", param=name)
        return [self.of.read(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]


@dataclass(frozen=True)
class Hash:
    """Named parameters; any other name is refused."""

    fields: dict[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, value: Any, name: str = "") -> dict[str, Any]:
        """The parameters given, or the first that is wrong."""
        if not isinstance(value, dict):
            raise BadParameter("Invalid object", param=name)
        path = {key: f"{name}[{key}]" if name else key for key in (*value, *self.required)}
        for key in value:
            if key not in self.fields:
                raise BadParameter(
                    f"Received unknown parameter: {path[key]}", param=path[key], code="parameter_unknown"
                )
        for key in self.required:
            if key not in value:
                raise BadParameter(f"Missing required param: {path[key]}.", param=path[key], code="parameter_missing")
        return {key: self.fields[key].read(given, path[key]) for key, given in value.items()}


@dataclass(frozen=True)
class Moments:
    """An exact moment, or a span as gt, gte, lt, lte."""

    def read(self, value: Any, name: str) -> dict[str, int]:
        """The span, or why not."""
        if isinstance(value, str):
            value = {"gte": value, "lte": value}
        return Hash({bound: Whole() for bound in ("gt", "gte", "lt", "lte")}).read(value, name)
