"""The sandbox as a process and as a neighbour: who may reach it, what it remembers, how it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cme.sandbox import NotLoopback, Sandbox
from cme.sandbox.__main__ import main

from .conftest import Account

ROOT = Path(__file__).parents[2]
KEY, SECRET = "sk_test_sandbox_process", "whsec_process"


def arguments(database: Path, *more: str) -> list[str]:
    return ["--database", str(database), "--key", KEY, "--webhook-secret", SECRET, *more]


def run(database: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cme.sandbox", *arguments(database, *more)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_process_prints_its_address_remembers_and_ends_when_told(tmp_path: Path, http):
    ids = []
    for end in (signal.SIGTERM, signal.SIGINT):
        with run(tmp_path / "stripe.db", "--port-file", str(tmp_path / "port")) as process:
            assert process.stdout is not None
            printed = process.stdout.readline()
            port = (tmp_path / "port").read_text().strip()
            assert printed == f"Stripe sandbox (DEMO - no money moves): http://127.0.0.1:{port}\n"
            address, bearer = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {KEY}"}
            if not ids:
                line = {"[price_data][currency]": "usd", "[price_data][unit_amount]": "5000", "[quantity]": "1"}
                line["[price_data][product_data][name]"] = "Seat"
                order = {f"line_items[0]{name}": value for name, value in line.items()}
                order |= {"mode": "payment", "success_url": "http://127.0.0.1:5000/thanks"}
                made = http.post(f"{address}/v1/checkout/sessions", order, headers=bearer)
                ids.append(made.json()["id"])
            again = http.get(f"{address}/v1/checkout/sessions/{ids[0]}", headers=bearer).json()
            assert (again["status"], again["url"]) == ("open", f"{address}/pay/{ids[0]}")
            process.send_signal(end)
            assert process.wait(20) == 0
            assert process.stderr is not None
            assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--host", "0.0.0.0"], "stays on the loopback"),
        (["--webhook-url", "http://example.org/hook"], "stays on the loopback"),
        (["--key", "sk_live_123"], "only keys that start with sk_test_sandbox"),
    ],
)
def test_the_process_refuses_to_face_the_world(tmp_path: Path, capsys, monkeypatch, more, why):
    monkeypatch.setattr(Sandbox, "__enter__", lambda _: pytest.fail("The sandbox started"))
    with pytest.raises(SystemExit) as end:
        main(arguments(tmp_path / "stripe.db", *more))
    complaint = capsys.readouterr().err
    assert (end.value.code, why in complaint, "sk_live_123" in complaint) == (2, True, False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org", ""])
def test_only_loopback_addresses_are_bound(host):
    with pytest.raises(NotLoopback):
        Sandbox(host=host)


def test_it_runs_on_the_other_loopback_too(http):
    with Sandbox(host="::1") as sandbox:
        assert Account(sandbox, http).checkout().url.startswith("http://[::1]:")


def test_a_foreign_host_name_is_turned_away(account: Account):
    answer = account.http.get(f"{account.sandbox.base}/pay/x", headers={"Host": "evil.example"})
    assert answer.status_code == 403


def test_levers_need_the_secret_key(account: Account):
    for path in ("/_books", "/_faults"):
        assert account.http.get(account.sandbox.base + path).status_code == 401
    assert account.http.post(f"{account.sandbox.base}/_act", json={"act": "pay"}).status_code == 401


def test_levers_work_over_http(account: Account):
    def post(path: str, words: dict):
        return account.http.post(
            account.sandbox.base + path, json=words, headers={"Authorization": f"Bearer {account.sandbox.key}"}
        )

    session = account.checkout()
    assert post("/_faults", {"kind": "dropped", "count": 2}).json()[0]["count"] == 2
    assert post("/_faults", {"kind": "fire"}).status_code == 400
    assert post("/_act", {"act": "pay", "id": session.id}).json()["payment_status"] == "paid"
    assert post("/_act", {"act": "refund", "id": session.id, "amount": 700}).json()["amount"] == 700
    assert post("/_act", {"act": "pay", "id": "cs_nothing"}).status_code == 404
    assert post("/_act", {"act": "dance"}).status_code == 400
    assert post("/_deliver", {}).json() == []
    assert [each["amount"] for each in account.sandbox.books()["refunds"]] == [700]


def test_reset_forgets_everything(account: Account):
    account.checkout()
    account.sandbox.faults.next("rate_limit")
    account.sandbox.reset()
    assert not any(account.sandbox.books().values())
    assert account.checkout(key="pay:1").status == "open"
