"""The press: prints our own pages as tagged PDFs, in a process that can be killed without harm."""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from socket import socket, socketpair
from typing import Any, Self

from cme.gateways.letters import FONTS
from cme.gateways.press_worker import receive, send
from cme.values import Attached

WORKER = Path(__file__).with_name("press_worker.py")
IMAGES = FONTS.parent.parent / "img"
LONGEST_PAGE = 1_000_000  # characters; our longest transcript is a tenth of it
START_SECONDS = 60.0


class PressError(Exception):
    """Nothing was printed."""


class PressFailed(PressError):
    """The press could not print this page: it took too long, grew too large, or asked for something it may not have."""


class PressBusy(PressError):
    """Too many pages are waiting; trying again a little later helps."""


class MissingLetters(PressError):
    """The page has letters that no font of the press can draw."""

    def __init__(self, letters: Sequence[str]) -> None:
        super().__init__(f"No font has {' '.join(letters)}")
        self.letters = frozenset(letters)


class Press:
    """One warm render process, started when first needed and shared by all threads in order of arrival."""

    def __init__(
        self,
        *,
        folders: Sequence[Path] = (IMAGES, FONTS),
        environment: Mapping[str, str] | None = None,
        seconds: float = 20.0,
        memory: int = 512 * 1024 * 1024,
        patience: float = 30.0,
    ) -> None:
        self._words: dict[str, Any] = {"folders": folders, "environment": environment}
        self._words |= {"seconds": seconds, "memory": memory}
        self._command = [sys.executable, "-I", str(WORKER), str(memory), *map(str, folders)]
        # A fresh environment: the press room needs no secrets. What is added may say where Pango lies.
        self._environment = {"FONTCONFIG_FILE": str(FONTS / "fonts.conf"), "LANG": "C.UTF-8", **(environment or {})}
        self._seconds, self._patience = seconds, patience
        self._turn = threading.Condition()
        self._waiting: deque[object] = deque()
        self._worker: subprocess.Popen[bytes] | None = None
        self._channel: socket | None = None

    @property
    def pid(self) -> int | None:
        """The render process of the moment."""
        return self._worker.pid if self._worker else None

    def render(self, html: str, attached: Sequence[Attached] = ()) -> bytes:
        """Print a page of ours as PDF/UA-1; the same page gives the same bytes.

        A page of strict XHTML, told by its XML declaration, is for the archive: it becomes PDF/A-3 as well, with the
        attached files inside.
        """
        if len(html) + sum(len(file.content) for file in attached) > LONGEST_PAGE:
            raise PressFailed("The page is too long to print")
        with self._my_turn():
            answer, pdf = self._print({"html": html, "attached": [asdict(file) for file in attached]})
        if answer["missing"]:
            raise MissingLetters(answer["missing"])
        if answer["complaints"] or not pdf:
            raise PressFailed("; ".join(answer["complaints"]) or "The page came out empty")
        return pdf

    def many(self) -> "Presses":
        """As many presses of this kind as there are processors, to be closed after use."""
        return Presses([Press(**self._words) for _ in range(os.cpu_count() or 1)])

    def close(self) -> None:
        """Stop the render process; a later page would start another."""
        with self._turn:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Wait in line; a plain lock would let a busy newcomer overtake."""
        me = object()
        with self._turn:
            self._waiting.append(me)
            try:
                if not self._turn.wait_for(lambda: self._waiting[0] is me, self._patience):
                    raise PressBusy("The press has more pages than it can print just now")
            except BaseException:
                self._leave_line(me)
                raise
        try:
            yield
        finally:
            with self._turn:
                self._leave_line(me)

    def _leave_line(self, me: object) -> None:
        self._waiting.remove(me)
        self._turn.notify_all()

    def _print(self, page: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Hand a page to the render process and wait for the answer; a process that fails is replaced."""
        channel = self._ready_channel()
        try:
            send(channel, json.dumps(page).encode())
            return json.loads(receive(channel)), receive(channel)
        except TimeoutError as error:
            self._stop()
            raise PressFailed(f"The page was not printed within {self._seconds:g} seconds") from error
        except (EOFError, OSError) as error:
            self._stop()
            raise PressFailed("The press stopped in the middle of the page") from error

    def _ready_channel(self) -> socket:
        """The way to a living render process, starting one where there is none."""
        if self._worker and self._channel and self._worker.poll() is None:
            return self._channel
        self._stop()
        ours, theirs = socketpair()
        with theirs:
            self._worker = subprocess.Popen(
                self._command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        self._channel = ours
        ours.settimeout(START_SECONDS)
        try:
            receive(ours)
        except (EOFError, OSError) as error:
            self._stop()
            raise PressFailed("The press did not start; is Pango installed?") from error
        ours.settimeout(self._seconds)
        return ours

    def _stop(self) -> None:
        """End the render process, whatever it is doing."""
        if self._channel:
            self._channel.close()
        if self._worker:
            self._worker.kill()
            self._worker.wait()
        self._channel = self._worker = None


class Presses:
    """Several presses at work beside each other; each page goes to one that is free."""

    def __init__(self, presses: Sequence[Press]) -> None:
        self._all = presses
        self._free: SimpleQueue[Press] = SimpleQueue()
        for press in presses:
            self._free.put(press)

    @property
    def size(self) -> int:
        """How many pages can be printed at once."""
        return len(self._all)

    def render(self, html: str, attached: Sequence[Attached] = ()) -> bytes:
        """Print a page on the first press that is free."""
        press = self._free.get()
        try:
            return press.render(html, attached)
        finally:
            self._free.put(press)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for press in self._all:
            press.close()
