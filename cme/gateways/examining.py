"""The examiner: looks at PDFs that strangers drop here, in a process that can be killed without harm."""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cme.gateways import examining_worker
from cme.gateways.examining_worker import UNREADABLE, receive, send

WORKER = Path(examining_worker.__file__)
START_SECONDS = 60.0


class ExaminerBusy(Exception):
    """Too many files are waiting; trying again a little later helps."""


@dataclass(frozen=True)
class Findings:
    """What a PDF comes to."""

    verdict: str
    changes: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()  # attached credentials, not yet believed

    @classmethod
    def from_json(cls, answer: bytes) -> "Findings":
        """Read what the worker says, and no more than we asked for."""
        told: dict[str, Any] = json.loads(answer)
        for trouble in told.get("troubles", ()):
            logging.getLogger("cme").info("examiner: %s", trouble)
        return cls(told["verdict"], tuple(told.get("changes", ())), tuple(told.get("tokens", ())))


class Examiner:
    """One warm process that forks for each file; it is started when first needed and shared by all threads."""

    def __init__(
        self, *, seconds: float = 15.0, memory: int = 512 * 1024 * 1024, patience: float = 10.0, most: int = 4
    ) -> None:
        self._command = [sys.executable, "-I", str(WORKER), str(memory)]
        self._seconds, self._patience = seconds, patience
        self._turn, self._line = threading.Lock(), threading.BoundedSemaphore(most)
        self._worker: subprocess.Popen[bytes] | None = None

    def examine(self, pdf: bytes, *, certificates: Iterable[str], original: bytes = b"") -> Findings:
        """Look at a file: whether one of these certificates signed it, and what was changed since."""
        pins = json.dumps([_pin(each) for each in certificates]).encode()
        with self._my_turn():
            return self._ask(pdf, pins, original)

    def close(self) -> None:
        """Stop the process; a later file would start another."""
        with self._turn:
            self._stop()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Wait in a short line: each waiting file holds a thread of the web."""
        if not self._line.acquire(blocking=False):
            raise ExaminerBusy
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise ExaminerBusy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._line.release()

    def _ask(self, *frames: bytes, again: bool = True) -> Findings:
        """Hand a file over and wait for the answer; a process that takes too long is killed and later replaced."""
        began = monotonic()
        try:
            worker = self._ready_worker()
            with self._within(self._seconds, worker):
                for frame in frames:
                    send(cast(Any, worker.stdin), frame)
                return Findings.from_json(receive(cast(Any, worker.stdout)))
        except (EOFError, OSError, ValueError):
            self._stop()
            if again and monotonic() - began < self._seconds:
                return self._ask(*frames, again=False)  # a file harms its own fork only: whoever ended this was not it
            return Findings(UNREADABLE)

    def _ready_worker(self) -> "subprocess.Popen[bytes]":
        if self._worker and self._worker.poll() is None:
            return self._worker
        self._stop()
        pipe = subprocess.PIPE
        self._worker = subprocess.Popen(
            self._command, stdin=pipe, stdout=pipe, env={"LANG": "C.UTF-8"}, start_new_session=True
        )
        with self._within(START_SECONDS, self._worker):
            receive(cast(Any, self._worker.stdout))
        return self._worker

    @contextmanager
    def _within(self, seconds: float, worker: "subprocess.Popen[bytes]") -> Iterator[None]:
        alarm = threading.Timer(seconds, _end, (worker,))
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()

    def _stop(self) -> None:
        """End the process and its fork, whatever they are doing."""
        if self._worker:
            _end(self._worker)
            for pipe in (self._worker.stdin, self._worker.stdout):
                with suppress(OSError):  # what was still to be sent has nobody to go to
                    cast(Any, pipe).close()
            self._worker.wait()
        self._worker = None


def _end(worker: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)


def _pin(certificate_pem: str) -> str:
    """The fingerprint of the key: its certificate may be renewed, and what it signed stays ours."""
    key = x509.load_pem_x509_certificates(certificate_pem.encode())[0].public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
