"""What `make run` starts: it comes back when it dies, and ends when we end, whatever ends us."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tools import serve
from tools.serve import TOO_OFTEN, Service, Site


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[IO[str]]:
    """A pipe that ends only when everybody who writes into it has ended."""
    os.mkfifo(tmp_path / "pipe")
    with open(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)) as reader:
        yield reader


@pytest.fixture
def family(tmp_path: Path) -> list[str]:
    """A process with a child; both hold the pipe and neither ends by itself."""
    return ["sh", "-c", f"exec 3>{tmp_path / 'pipe'}; sleep 600 & echo up >&3; wait"]


def next_line(pipe: IO[str]) -> str:
    """The next line of the pipe; nothing when all its writers have ended."""
    ready, _, _ = select.select([pipe], [], [], 20)
    assert ready, "The pipe is still held, and silent."
    return pipe.readline()


def test_closing_the_site_ends_everything_its_processes_started(pipe, family):
    site = Site(port=0)
    site.add("A family", *family)
    assert next_line(pipe) == "up\n"
    site.close()
    assert next_line(pipe) == ""


def test_what_we_started_ends_when_we_are_killed(pipe, tmp_path):
    command = ["sh", "-c", f"exec 3>{tmp_path / 'pipe'}; echo up >&3; exec sleep 600"]
    us = f"from tools.serve import Service; import time; Service('One', {command}).start(); time.sleep(600)"
    started = subprocess.Popen([sys.executable, "-c", us], cwd=serve.HOME)
    assert next_line(pipe) == "up\n"
    started.kill()
    started.wait()
    assert next_line(pipe) == ""


def test_what_dies_is_started_again_without_what_it_left_behind(pipe, tmp_path, family, capsys):
    service = Service("A family", family)
    with open(tmp_path / "pipe", "w"):  # between the two lives nobody else holds it
        service.start()
        assert next_line(pipe) == "up\n"
        service.process.kill()
        service.process.wait()
        assert service.is_over
        service.revive()
        assert next_line(pipe) == "up\n"
    assert "A family stopped and is started again." in capsys.readouterr().err
    service.signal(signal.SIGKILL)
    service.process.wait()
    assert next_line(pipe) == ""


def test_what_keeps_dying_is_given_up():
    service = Service("A failure", ["false"])
    service.start()
    for _ in range(TOO_OFTEN - 1):
        service.process.wait()
        service.revive()
    service.process.wait()
    with pytest.raises(SystemExit, match="A failure keeps stopping"):
        service.revive()


def test_a_command_that_fails_stops_the_start():
    with pytest.raises(SystemExit, match="Writing failed"):
        Site(port=0).do("Writing", "false")


def test_a_taken_port_is_named_with_the_way_out(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(SystemExit, match=f"Port {port} is taken.*make run PORT={port + 1}"):
            serve.chosen_port()


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit, match="PORT: write a number"):
        serve.chosen_port()


def test_two_sites_never_share_one_instance(monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "INSTANCE", tmp_path)
    with serve.only_us(), pytest.raises(SystemExit, match="running already"), serve.only_us():
        pass
    with serve.only_us():
        pass
