"""The ways Stripe says no."""

from typing import Any


class ApiError(Exception):
    """A no from the API, in Stripe's envelope; `kept` ones stay under their idempotency key."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = True,
    ):
        super().__init__(message)
        self.status = status
        self.kept = kept
        named = {"code": code, "param": param}
        self.error: dict[str, Any] = {"message": message, "type": kind} | {k: v for k, v in named.items() if v}

    @property
    def body(self) -> dict[str, Any]:
        """The answer's body."""
        return {"error": self.error}


class BadParameter(ApiError):
    """A parameter Stripe does not know or cannot read; refused before anything runs, so never kept."""

    def __init__(self, message: str, *, param: str, code: str | None = None):
        super().__init__(message, code=code, param=param, kept=False)


def missing(kind: str, object_id: str) -> ApiError:
    """The no for an id nobody ever issued."""
    words = kind.rpartition(".")[2].replace("_", " ")
    return ApiError(f"No such {words}: '{object_id}'", status=404, code="resource_missing", param="id")


def surprise() -> ApiError:
    """The 500 that Stripe keeps for a day under the idempotency key."""
    return ApiError("An unknown error occurred. (sandbox fault: error_500)", status=500, kind="api_error")
