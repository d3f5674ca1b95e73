"""Run the sandbox: python -m cme.sandbox --database FILE --key sk_test_sandbox… --webhook-secret whsec_…"""

import argparse
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from .server import Sandbox
from .webhooks import BACKOFF


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cme.sandbox", description="A Stripe that moves no money.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address; any other is refused")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any free port")
    parser.add_argument("--port-file", type=Path, help="write the port here once the sandbox answers")
    parser.add_argument("--database", type=Path, required=True, help="the SQLite file that keeps its state")
    parser.add_argument("--key", required=True, help="the secret key to accept: sk_test_sandbox and anything")
    parser.add_argument("--webhook-url", help="where to send events, like http://127.0.0.1:5000/webhooks/stripe")
    parser.add_argument("--webhook-secret", required=True, help="the secret to sign events with: whsec_ and anything")
    parser.add_argument("--backoff", default=",".join(map(str, BACKOFF)), help="seconds between tries of one event")
    return parser


def main(words: Sequence[str] | None = None) -> None:
    """Answer until told to stop."""
    parser = _arguments()
    given = parser.parse_args(words)
    try:
        sandbox = Sandbox(
            key=given.key,
            webhook_secret=given.webhook_secret,
            webhook_url=given.webhook_url,
            database=given.database,
            host=given.host,
            port=given.port,
            backoff=[float(seconds) for seconds in given.backoff.split(",")],
            background=True,
        )
    except ValueError as refused:
        parser.error(str(refused))
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    with sandbox:
        if given.port_file:
            fresh = given.port_file.with_suffix(".new")
            fresh.write_text(f"{sandbox.port}\n")
            fresh.replace(given.port_file)
        print(f"Stripe sandbox (DEMO - no money moves): {sandbox.base}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
