"""Who may open a page: every view carries exactly one of these words."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, request
from flask_login import current_user, login_required

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC, LEARNERS = "public", "learners"


def _marked(view: Callable[P, Any], word: str) -> Callable[P, Any]:
    if hasattr(view, "access"):
        raise TypeError(f"{view.__name__} already says who may open it")
    vars(view)["access"] = word
    return view


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may open this page."""
    return _marked(view, PUBLIC)


def learners_only(view: Callable[P, R]) -> Callable[P, R]:
    """Only signed-in people may open this page; others are asked to sign in and come back."""

    return _marked(login_required(view), LEARNERS)


def staff_only(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only staff with this permission may open this page; for everybody else it is not there."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @login_required
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            if not current_user.may(permission):
                abort(404)
            return view(*args, **kwargs)

        return _marked(guarded, f"staff:{permission}")

    return guard


def wants_fragment() -> str | None:
    """The part of the page a script asks for, if it asks for one."""
    return request.headers.get("X-Fragment")
