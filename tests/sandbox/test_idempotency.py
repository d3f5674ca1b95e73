"""One key, one act, one answer; and what happens when answers go missing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from .conftest import Account, line

CREATE = "POST /v1/checkout/sessions"


def sessions_made(account: Account) -> int:
    return len(account.sandbox.books()["sessions"])


def test_the_same_request_under_the_same_key_gets_the_same_answer(account: Account):
    first, second = account.checkout(key="pay:1"), account.checkout(key="pay:1")
    assert first.id == second.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert sessions_made(account) == 1


def test_other_parameters_under_a_used_key_are_refused(account: Account):
    account.checkout(key="pay:1")
    with pytest.raises(stripe.IdempotencyError) as no:
        account.checkout(key="pay:1", line_items=[line(5_000)])
    assert no.value.http_status == 400
    assert sessions_made(account) == 1


def test_another_path_under_a_used_key_is_refused(account: Account):
    session = account.checkout(key="pay:1")
    with pytest.raises(stripe.IdempotencyError):
        account.client().v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "pay:1"})
    assert account.now_of(session.id).status == "open"


def test_a_request_that_never_ran_does_not_use_up_its_key(account: Account):
    with pytest.raises(stripe.InvalidRequestError):
        account.checkout(key="pay:1", line_items=[line(1)])
    assert account.checkout(key="pay:1").status == "open"


def test_a_refusal_after_the_start_is_kept(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    for replayed in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError) as no:
            account.client().v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "expire:1"})
        assert no.value.headers.get("Idempotent-Replayed") == replayed


def test_a_second_request_while_the_first_still_runs_is_a_409(account: Account):
    account.sandbox.faults.next("slow", path=CREATE, seconds=30)
    with ThreadPoolExecutor(1) as elsewhere:
        first = elsewhere.submit(account.checkout, key="pay:1")
        assert account.sandbox.faults.slowed.wait(10)
        with pytest.raises(stripe.APIError) as no:
            account.checkout(key="pay:1")
        account.sandbox.faults.release()
        assert first.result(10).id == account.checkout(key="pay:1").id
    assert no.value.http_status == 409
    assert sessions_made(account) == 1


def test_a_lost_answer_and_a_retry_make_one_session(account: Account):
    account.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(stripe.APIConnectionError):
        account.checkout(key="pay:1")
    assert sessions_made(account) == 1
    assert account.checkout(key="pay:1").id == account.sandbox.books()["sessions"][0]["id"]
    assert sessions_made(account) == 1


def test_the_sdks_own_retry_of_a_lost_answer_makes_one_session(account: Account, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient._sleep_time_seconds", lambda *_: 0)
    account.sandbox.faults.next("lost_answer", path=CREATE)
    assert account.checkout(retries=2).status == "open"
    assert sessions_made(account) == 1


@pytest.mark.parametrize(("kind", "made"), [("error_500", 0), ("error_500_acted", 1)])
def test_a_500_is_kept_under_its_key(account: Account, kind, made):
    account.sandbox.faults.next(kind)
    for replayed in (None, "true"):
        with pytest.raises(stripe.APIError) as no:
            account.checkout(key="pay:1")
        assert (no.value.http_status, no.value.headers.get("Idempotent-Replayed")) == (500, replayed)
    assert sessions_made(account) == made
    assert account.checkout(key="pay:2").status == "open"


def test_a_rate_limit_does_nothing_and_keeps_nothing(account: Account):
    account.sandbox.faults.next("rate_limit")
    with pytest.raises(stripe.RateLimitError):
        account.checkout(key="pay:1")
    assert account.checkout(key="pay:1").status == "open"


def test_a_fault_waits_for_its_path(account: Account):
    account.sandbox.faults.next("rate_limit", path="/v1/refunds")
    account.checkout()
    with pytest.raises(stripe.RateLimitError):
        account.client().v1.refunds.list()
    account.client().v1.refunds.list()


def test_an_unknown_fault_is_refused(account: Account):
    with pytest.raises(ValueError, match="Unknown fault 'fire'"):
        account.sandbox.faults.next("fire")
