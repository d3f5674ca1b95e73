"""The sandbox's parameters and objects, held against the SDK's types, which Stripe generates from its API."""

import sys
import types
from typing import Any, ForwardRef, Literal, NotRequired, Required, TypeVar, Union, get_args, get_origin

import pytest
import stripe
from stripe.params import _dispute_list_params, _event_list_params, _refund_create_params, _refund_list_params
from stripe.params.checkout import _session_create_params, _session_list_params
from typing_extensions import is_typeddict

from cme.sandbox import accepted, objects
from cme.sandbox.params import Flag, Hash, Many, Metadata, Moments, OneOf, Text, Url, Whole

from .conftest import Account


class Names(dict[str, Any]):
    """The names an annotation may use: its class's, its module's, and the SDK's own, which load when asked for."""

    def __missing__(self, name: str) -> Any:
        own = getattr(stripe, name.removesuffix("Resource"), None)
        if own is None:
            raise KeyError(name)
        return own


def resolve(annotation: Any, module: types.ModuleType, within: dict[str, Any] | None = None) -> Any:
    """An annotation written as text, as the type it names."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        annotation = eval(annotation, {}, Names(vars(module) | (within or {})))
    if get_origin(annotation) in (NotRequired, Required):
        return resolve(get_args(annotation)[0], module, within)
    return annotation


def branches(annotation: Any, module: types.ModuleType, within: dict[str, Any] | None = None) -> list[Any]:
    """The members of a union, or the one type there is."""
    annotation = resolve(annotation, module, within)
    if get_origin(annotation) in (Union, types.UnionType):
        return [leaf for arg in get_args(annotation) for leaf in branches(arg, module, within)]
    return [annotation]


def words(leaves: list[Any]) -> set[Any]:
    """The words of the literals among some types."""
    return {word for leaf in leaves if get_origin(leaf) is Literal for word in get_args(leaf)}


def strangers(reader: Any, annotation: Any, module: types.ModuleType, name: str) -> list[str]:
    """The parameters the sandbox takes and Stripe would not."""
    leaves = branches(annotation, module)
    if isinstance(reader, Hash):
        shapes = [leaf for leaf in leaves if is_typeddict(leaf)]
        if not shapes:
            return [f"{name} is not a hash"]
        known = {key: kind for base in (*shapes[0].__orig_bases__, shapes[0]) for key, kind in annotations_of(base)}
        needed = {key for key in known if key in shapes[0].__required_keys__ and not optional(known[key])}
        found = [f"{name}[{key}] does not exist" for key in reader.fields if key not in known]
        found += [f"{name}[{key}] is required" for key in needed - set(reader.required)]
        for key, inner in reader.fields.items():
            if key in known:
                found += strangers(inner, known[key], module, f"{name}[{key}]")
        return found
    if isinstance(reader, Many):
        lists = [leaf for leaf in leaves if get_origin(leaf) is list]
        return strangers(reader.of, get_args(lists[0])[0], module, f"{name}[]") if lists else [f"{name} is not a list"]
    if isinstance(reader, OneOf):
        return [f"{name}={word} does not exist" for word in set(reader.words) - words(leaves)]
    fits: dict[type, Any] = {Text: str, Url: str, Whole: int, Flag: bool, Moments: int, Metadata: None}
    wanted = fits[type(reader)]
    good = any(get_origin(leaf) is dict for leaf in leaves) if wanted is None else wanted in leaves
    return [] if good else [f"{name} is not {type(reader).__name__}"]


def annotations_of(shape: Any) -> list[tuple[str, Any]]:
    return list(getattr(shape, "__annotations__", {}).items())


def optional(annotation: Any) -> bool:
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    return text.startswith("NotRequired") if isinstance(text, str) else get_origin(annotation) is NotRequired


@pytest.mark.parametrize(
    ("reader", "shape", "module"),
    [
        (accepted.CREATE_SESSION, "SessionCreateParams", _session_create_params),
        (accepted.LIST_SESSIONS, "SessionListParams", _session_list_params),
        (accepted.CREATE_REFUND, "RefundCreateParams", _refund_create_params),
        (accepted.LIST_REFUNDS, "RefundListParams", _refund_list_params),
        (accepted.LIST_DISPUTES, "DisputeListParams", _dispute_list_params),
        (accepted.LIST_EVENTS, "EventListParams", _event_list_params),
    ],
)
def test_every_parameter_the_sandbox_takes_is_stripes(reader, shape, module):
    assert strangers(reader, getattr(module, shape), module, "") == []


def test_the_comparison_finds_what_stripe_does_not_know():
    module = _session_create_params
    odd = Hash({"colour": Text(), "mode": OneOf(("gift",)), "expires_at": Flag(), "line_items": Text()})
    found = strangers(odd, module.SessionCreateParams, module, "")
    assert [each.split()[0] for each in found] == ["[colour]", "[mode]=gift", "[expires_at]", "[line_items]"]


def misfits(value: Any, annotation: Any, module: types.ModuleType, name: str, within: dict[str, Any]) -> list[str]:
    """Where a value is not of the type Stripe promises."""
    leaves = branches(annotation, module, within)
    if value is None:
        return [] if type(None) in leaves else [f"{name} is null"]
    if isinstance(value, str) and words(leaves):
        return [] if value in words(leaves) else [f"{name}={value} is no word of Stripe's"]
    if isinstance(value, dict):
        classes = [get_origin(leaf) or leaf for leaf in leaves]
        shapes = [each for each in classes if isinstance(each, type) and issubclass(each, stripe.StripeObject)]
        shaped = [shape for shape in shapes if getattr(shape, "OBJECT_NAME", "") == value.get("object", "")] or shapes
        return mismatches(value, shaped[0], name) if shaped else []
    if isinstance(value, list):
        lists = [leaf for leaf in leaves if get_origin(leaf) is list]
        if not lists:
            return [f"{name} is no list"]
        kind = get_args(lists[0])[0]
        return [miss for each in value for miss in misfits(each, kind, module, f"{name}[]", within)]
    return (
        []
        if any(leaf in (Any, type(value)) or isinstance(leaf, TypeVar) for leaf in leaves)
        else [f"{name} is a {type(value).__name__}"]
    )


def mismatches(thing: dict[str, Any], shape: type, name: str = "") -> list[str]:
    """Fields Stripe does not have, fields it always has and we lack, and fields of another type."""
    known = {key: kind for key, kind in annotations_of(shape) if key.islower() and not key.startswith("_")}
    if not known:
        return []  # free-form, like metadata
    module, within = sys.modules[shape.__module__], dict(vars(shape))
    found = [f"{name}.{key} does not exist" for key in thing if key not in known]
    for key, annotation in known.items():
        if key in thing:
            found += misfits(thing[key], annotation, module, f"{name}.{key}", within)
        elif type(None) not in branches(annotation, module, within):
            found.append(f"{name}.{key} is missing")
    return found


def test_every_object_has_stripes_shape(account: Account):
    declined, debit, paid = (account.checkout(expand=["line_items"]) for _ in range(3))
    account.sandbox.fail(declined.id)
    account.sandbox.pay_later(debit.id)
    account.sandbox.pay(paid.id)
    account.sandbox.refund(paid.id, 500)
    account.sandbox.dispute(paid.id)
    shapes = {
        "sessions": stripe.checkout.Session, "intents": stripe.PaymentIntent, "charges": stripe.Charge,
        "refunds": stripe.Refund, "disputes": stripe.Dispute,
    }  # fmt: skip
    books = account.sandbox.books()
    assert all(books.values())
    for kind, things in books.items():
        for thing in things:
            assert mismatches(thing, shapes[kind], kind) == []
    for item in paid.line_items.to_dict()["data"]:
        assert mismatches(item, stripe.LineItem) == []


def test_every_event_has_stripes_shape_and_one_of_its_types(account: Account):
    session, other = account.checkout(), account.checkout()
    account.sandbox.pay_later(session.id)
    account.sandbox.settle(session.id)
    refund = account.sandbox.refund(session.id, 500)
    account.sandbox.settle_refund(refund["id"])
    account.sandbox.fail_refund(refund["id"])
    account.sandbox.dispute(session.id)
    account.sandbox.close_dispute(session.id, won=True)
    account.sandbox.expire(other.id)
    events = [event.to_dict() for event in account.client().v1.events.list({"limit": 100})]
    assert len({event["type"] for event in events}) == 12
    for event in events:
        assert mismatches(event, stripe.Event) == []


def test_the_shape_check_finds_what_is_wrong():
    thing = objects.refund(
        1, {"id": "ch_1", "currency": "usd", "payment_intent": "pi_1", "payment_method": "pm_1",
            "payment_method_details": {"type": "card"}},
        500, status="succeeded", reason="because", metadata={},
    )  # fmt: skip
    del thing["amount"]
    found = mismatches(thing | {"colour": "red", "created": "now"}, stripe.Refund)
    assert found == [
        ".colour does not exist", ".amount is missing", ".created is a str", ".reason=because is no word of Stripe's",
    ]  # fmt: skip


def test_the_sandbox_speaks_the_version_the_sdk_speaks():
    assert stripe.api_version == objects.API_VERSION
