"""The press prints our pages the same way each time, reads nothing else, and survives whatever a page does."""

import base64
import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket

import pikepdf
import pytest
from PIL import Image

from cme.gateways.letters import FONTS, missing_letters
from cme.gateways.press import MissingLetters, Press, PressBusy, PressFailed
from cme.gateways.press_worker import send

pytestmark = pytest.mark.paper

ENDLESS = "<table><td colspan=1000000>x</table>"  # keeps WeasyPrint busy for minutes


def page(body: str, head: str = "") -> str:
    """A small page of our own making."""
    return (
        f'<!doctype html><html lang="en"><head><title>A page</title><meta name="dcterms.created" content="2027-03-18">'
        f'<style>body {{ font: 12pt "Source Serif 4", "Noto Naskh Arabic", Figtree }}</style>{head}</head>'
        f"<body><h1>Hello</h1>{body}</body></html>"
    )


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture(scope="module")
def hasty() -> Iterator[Press]:
    with Press(seconds=1.5) as press:
        yield press


def test_a_page_is_a_tagged_pdf_with_title_language_and_embedded_fonts(press: Press) -> None:
    with pikepdf.open(io.BytesIO(press.render(page("<p>Ελένη</p>")))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "A page"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        fonts = pdf.pages[0].Resources.Font
        descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts.values()]
        assert descriptors
        assert all("/FontFile2" in descriptor for descriptor in descriptors)


def test_the_same_page_gives_the_same_bytes_even_from_another_press(press: Press) -> None:
    asked = page("<p>once and again</p>", '<meta name="artwork" content="certificate-frame.svg">')
    with Press() as another:
        assert press.render(asked) == press.render(asked) == another.render(asked)


def test_the_render_process_stays_warm(press: Press) -> None:
    press.render(page("one"))
    first = press.pid
    press.render(page("two"))
    assert press.pid == first


@pytest.mark.parametrize(
    "reach",
    [
        "<img alt='' src='file:///etc/passwd'>",
        "<img alt='' src='http://127.0.0.1:9/x.png'>",
        "<img alt='' src='../../../config.py'>",
        "<img alt='' src='//127.0.0.1/etc/passwd'>",
        "<img alt='' src='..%2f..%2f..%2fconfig.py'>",
        "<object data='file:///etc/passwd'></object>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
        "<style>@import url(file:///etc/passwd);</style>",
        "<style>@font-face { font-family: x; src: url(http://127.0.0.1:9/x.ttf) }</style><p style='font-family: x'>x",
        "<svg width=9 height=9><image href='file:///etc/passwd' width=9 height=9 /></svg>",
        "<meta name=artwork content='../../../../config.py'>",
    ],
)
def test_a_page_reaches_no_file_but_our_assets_and_no_network(press: Press, reach: str) -> None:
    with pytest.raises(PressFailed):
        press.render(page("", reach) if reach.startswith(("<link", "<style", "<meta")) else page(reach))
    assert press.render(page("and the press goes on"))


def test_a_base_address_opens_no_door(press: Press) -> None:
    with pytest.raises(PressFailed, match="Refused to fetch file:///etc/passwd"):
        press.render(page("<img alt='' src=passwd>", "<base href='file:///etc/'>"))


def test_pictures_of_ours_and_pictures_inside_the_page_are_welcome(press: Press) -> None:
    inside = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    assert press.render(page(f'<img alt="A frame" src="certificate-frame.svg"><img alt="Nothing" src="{inside}">'))


def test_a_picture_that_cannot_be_read_is_a_failure_not_a_gap(press: Press) -> None:
    with pytest.raises(PressFailed, match="Failed to load image"):
        press.render(page('<img alt="A gap" src="no-such-picture.svg">'))


def test_letters_no_font_has_are_named(press: Press) -> None:
    with pytest.raises(MissingLetters) as caught:
        press.render(page("<p>Dr 陳 and 🙂</p>"))
    assert caught.value.letters == {"陳", "🙂"}


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_prints(hasty: Press) -> None:
    hasty.render(page("warm"))
    slow = hasty.pid
    with pytest.raises(PressFailed, match=r"within 1\.5 seconds"):
        hasty.render(page(ENDLESS))
    assert hasty.render(page("next"))
    assert hasty.pid != slow


def test_a_press_killed_in_the_middle_of_a_page_is_replaced(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    press.render(page("warm"))
    pid = press.pid
    assert pid

    def send_and_kill(channel: socket, payload: bytes) -> None:
        send(channel, payload)
        os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr("cme.gateways.press.send", send_and_kill)
    with pytest.raises(PressFailed, match="in the middle"):
        press.render(page(ENDLESS))
    monkeypatch.undo()
    assert press.render(page("next"))
    assert press.pid != pid


def test_a_press_killed_between_pages_is_not_noticed_by_the_next(press: Press) -> None:
    press.render(page("warm"))
    pid = press.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert press.render(page("next"))


def test_a_page_that_wants_too_much_memory_fails_alone() -> None:
    huge = io.BytesIO()
    Image.new("LA", (9000, 9000)).save(huge, "PNG", compress_level=1)
    address = f"data:image/png;base64,{base64.b64encode(huge.getvalue()).decode()}"
    with Press(memory=130 * 1024 * 1024) as press:
        assert press.render(page("small"))
        with pytest.raises(PressFailed):
            press.render(page(f'<img alt="Huge" src="{address}">'))
        assert press.render(page("small again"))


def test_a_page_longer_than_any_of_ours_is_not_even_tried(press: Press) -> None:
    with pytest.raises(PressFailed, match="too long"):
        press.render("x" * 1_000_001)


def test_deep_nesting_is_a_failure_and_not_a_crash(press: Press) -> None:
    with pytest.raises(PressFailed):
        press.render(page("<div>" * 3000))
    assert press.render(page("next"))


def test_threads_share_one_press(press: Press) -> None:
    with ThreadPoolExecutor(6) as crowd:
        sheets = list(crowd.map(lambda n: press.render(page(f"<p>{n}</p>")), range(12)))
    assert len(set(sheets)) == 12


def test_many_presses_print_beside_each_other_and_stop_when_done(press: Press) -> None:
    asked = page("<p>one of many</p>")
    with press.many() as crew, ThreadPoolExecutor(crew.size) as crowd:
        assert crew.size == os.cpu_count()
        together = threading.Barrier(crew.size, timeout=30)

        def print_one(_: int) -> bytes:
            together.wait()
            return crew.render(asked)

        sheets = list(crowd.map(print_one, range(crew.size)))
        pids = {each.pid for each in crew._all}
        assert None not in pids
        assert len(pids) == crew.size
    assert set(sheets) == {press.render(asked)}
    assert {each.pid for each in crew._all} == {None}


def test_who_waits_too_long_is_told_the_press_is_busy() -> None:
    with Press(patience=0.01) as press:
        with press._my_turn(), pytest.raises(PressBusy):
            press.render(page("me too"))
        assert press.render(page("next"))


def test_the_press_knows_no_secret_and_no_open_file_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_hidden")
    with Press() as fresh, open(__file__) as ours:
        os.set_inheritable(ours.fileno(), True)
        fresh.render(page("warm"))
        room = Path(f"/proc/{fresh.pid}")
        assert b"sk_test_hidden" not in (room / "environ").read_bytes()
        assert __file__ not in [os.readlink(entry) for entry in (room / "fd").iterdir()]


def test_the_press_leaves_when_its_parent_is_killed_even_in_the_middle_of_a_page() -> None:
    script = (
        "from cme.gateways.press import Press; from tests.gateways.test_press import page, ENDLESS\n"
        "press = Press(); press.render(page('warm')); print(press.pid, flush=True); press.render(page(ENDLESS))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout
        orphan = int(parent.stdout.readline())
        watch = os.pidfd_open(orphan)
        parent.kill()
    try:
        signal.pidfd_send_signal(watch, 0)
    except ProcessLookupError:
        pass  # gone already
    else:
        assert select.select([watch], [], [], 10)[0], "the render process outlived its parent"
    finally:
        os.close(watch)


def test_ctrl_c_is_not_for_the_press(press: Press) -> None:
    press.render(page("warm"))
    assert press.pid
    os.kill(press.pid, signal.SIGINT)
    assert press.render(page("still here"))


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh",
        "Łukasz Żółć",
        "Şule Ğ. Öztürk",
        "Ελένη Παπαδοπούλου",
        "Щукина Ольга",
        "محمد الأحمد",
        "o\u0323\u0302",
    ],
)
def test_names_in_our_scripts_have_all_their_letters(name: str, press: Press) -> None:
    assert missing_letters(name) == set()
    assert press.render(page(f"<p>{name}</p>"))


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("陳大文", {"陳", "大", "文"}),
        ("Ana 🙂", {"🙂"}),
        ("דוד", {"ד", "ו"}),
        ("م\u0323", {"م\u0323"}),
        ("x\u0915", {"क"}),
    ],
)
def test_letters_no_font_has_are_found_without_printing(name: str, missing: set[str]) -> None:
    assert missing_letters(name) == missing


def test_joiners_and_direction_marks_need_no_letter() -> None:
    assert missing_letters("می\u200cخواهم \u200fA\u200e\u00a0B") == set()


def test_each_shipped_font_is_whole_and_brings_its_licence() -> None:
    from fontTools.ttLib import TTFont

    families = set()
    for file in FONTS.glob("*.ttf"):
        with TTFont(file, lazy=True) as font:
            families.add(file.name.split("_")[0])
            assert "fvar" not in font
            assert len(font.getGlyphOrder()) == font["maxp"].numGlyphs > 300
    assert families == {"Figtree", "SourceSerif4", "NotoNaskhArabic"}
    for family in families:
        assert "SIL OPEN FONT LICENSE" in (FONTS / f"OFL-{family}.txt").read_text()
