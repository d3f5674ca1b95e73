"""The picture a link to a seminar shows when somebody shares it: cover, title, dates, place and credit."""

import io
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from threading import Lock

from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 72
STATIC = Path(__file__).resolve().parent.parent / "static"
FONTS = STATIC / "fonts" / "print"
SERIF, SANS, ARABIC = "SourceSerif4_600SemiBold.ttf", "Figtree_600SemiBold.ttf", "NotoNaskhArabic_400Regular.ttf"
# Light and dark end of each cover, as the style sheets have them.
COVERS = {
    "marine": ("0b5b76", "063a4d"),
    "teal": ("0e6f66", "073f3c"),
    "indigo": ("3c5290", "22305b"),
    "plum": ("6b4877", "3f284a"),
    "moss": ("4c6b41", "2b4027"),
    "clay": ("94553b", "5b3423"),
    "slate": ("47606f", "263843"),
}
COVER_TOP = 96  # shades 0 to 96 run through the cover, from there to 255 on to white
TITLE_SIZES, MOST_LINES, LEADING = (72, 62, 54, 46), 4, 1.16
ELLIPSIS = "…"
AT_THE_EASEL = Lock()


@dataclass(frozen=True)
class Picture:
    """What stands on the picture; two equal ones are the same file."""

    title: str
    provider: str
    label: str
    facts: tuple[str, ...]
    tone: str
    contour: int


def dates_in_words(first: date, last: date) -> str:
    """March 15–18, 2027, with plain blanks."""
    if first == last:
        return f"{first:%B} {first.day}, {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B} {first.day}–{last.day}, {first.year}"
    year = "" if first.year == last.year else f", {first.year}"
    return f"{first:%B} {first.day}{year} – {last:%B} {last.day}, {last.year}"


def png(picture: Picture) -> bytes:
    """The picture as a file; one is drawn at a time, and the latest are kept."""
    with AT_THE_EASEL:
        return _drawn(picture)


@lru_cache(maxsize=64)
def _drawn(picture: Picture) -> bytes:
    # In shades of one colour, coloured at the end: a third of the bytes, and of the time.
    image = _cover(picture.contour).copy()
    draw = ImageDraw.Draw(image)
    _write(draw, (MARGIN, 60), _plain(picture.provider), SANS, 30, 236, WIDTH - 2 * MARGIN)
    if picture.label:
        _write(draw, (MARGIN, 104), _plain(picture.label), SANS, 26, 205, WIDTH - 2 * MARGIN)
    size, lines = _title(_plain(picture.title))
    top = 330 - round(len(lines) * size * LEADING / 2)
    for number, line in enumerate(lines):
        _write(draw, (MARGIN, top + round(number * size * LEADING)), line, SERIF, size, 255, WIDTH - MARGIN)
    draw.rectangle((MARGIN, 524, MARGIN + 64, 527), fill=196)
    _write(draw, (MARGIN, 548), _plain("  ·  ".join(picture.facts)), SANS, 32, 240, WIDTH - 2 * MARGIN)
    file = io.BytesIO()
    coloured = Image.frombytes("P", image.size, image.tobytes())
    coloured.putpalette(_shades(picture.tone))
    coloured.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _plain(text: str) -> str:
    """The text on one line, without signs that draw nothing or turn others around."""
    kept = (" " if sign.isspace() else sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return re.sub(r" {3,}", "  ", "".join(kept)).strip()


def _shades(tone: str) -> bytes:
    light, dark = ([int(code[at : at + 2], 16) for at in (0, 2, 4)] for code in COVERS.get(tone, COVERS["marine"]))
    colours = bytearray()
    for shade in range(256):
        if shade <= COVER_TOP:
            part, low, high = shade / COVER_TOP, dark, light
        else:
            part, low, high = (shade - COVER_TOP) / (255 - COVER_TOP), light, [255, 255, 255]
        colours += bytes(round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return bytes(colours)


@lru_cache(maxsize=6)
def _cover(contour: int) -> Image.Image:
    """Shades from light at the top left to dark at the bottom right, with the contour lines of one drawing on it."""
    down = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    across = Image.linear_gradient("L").rotate(90).resize((WIDTH, HEIGHT))
    fall = ImageChops.add(down, across, scale=2.0).point([COVER_TOP - round(t * COVER_TOP / 255) for t in range(256)])
    return ImageChops.add(fall, _lines(contour))


def _lines(contour: int) -> Image.Image:
    """The contour lines, drawn twice as large and brought down, so that they are smooth."""
    drawing = (STATIC / "img" / f"contour-{contour}.svg").read_text(encoding="utf-8")
    large = Image.new("L", (2 * WIDTH, 2 * HEIGHT))
    draw, scale = ImageDraw.Draw(large), 2 * WIDTH / 480
    for tag in re.findall(r"<path [^>]*>", drawing):
        weight = float((re.search(r'opacity="([\d.]+)"', tag) or ["", "0.2"])[1])
        for stroke in _strokes((re.search(r' d="([^"]*)"', tag) or ["", ""])[1]):
            points = [(x * scale, y * scale - (750 - HEIGHT)) for x, y in stroke]
            draw.line(points, fill=round(weight * 230), width=4, joint="curve")
    return large.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def _strokes(path: str) -> Iterator[list[tuple[float, float]]]:
    """The strokes of a drawing made of moves and quadratic curves, as points on the way."""
    stroke: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([MQLZ])([^MQLZ]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if letter == "M":
            if len(stroke) > 1:
                yield stroke
            stroke = [(values[0], values[1])]
        elif letter == "Z":
            stroke.append(stroke[0])
        elif letter == "L":
            stroke += zip(values[::2], values[1::2], strict=True)
        else:
            for at in range(0, len(values), 4):
                (x0, y0), (cx, cy, x1, y1) = stroke[-1], values[at : at + 4]
                for t in (0.25, 0.5, 0.75, 1.0):
                    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
                    stroke.append((a * x0 + b * cx + c * x1, a * y0 + b * cy + c * y1))
    if len(stroke) > 1:
        yield stroke


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), size)


@lru_cache(maxsize=4)
def _letters(name: str) -> frozenset[str]:
    with TTFont(FONTS / name, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(maxsize=2048)
def _face(sign: str, first: str) -> str:
    """The first face that has a letter; one that no face has shows as a box."""
    return next((name for name in (first, SERIF, SANS, ARABIC) if sign in _letters(name)), SERIF)


def _runs(text: str, first: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the face that has its letters; a line with Arabic stays whole, in order."""
    if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text):
        return [(ARABIC, text)]
    composed = unicodedata.normalize("NFC", text)
    return [(name, "".join(signs)) for name, signs in groupby(composed, key=lambda sign: _face(sign, first))]


def _width(text: str, face: str, size: int) -> float:
    return math.fsum(_font(name, size).getlength(piece) for name, piece in _runs(text, face))


def _fitting(text: str, face: str, size: int, room: float) -> str:
    """As much of a text as fits, with a mark that there was more."""
    if _width(text, face, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _width(text[:middle].rstrip() + ELLIPSIS, face, size) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def _title(text: str) -> tuple[int, list[str]]:
    """The largest size in which the title stands on its lines, and the lines."""
    room = WIDTH - 2 * MARGIN
    for size in TITLE_SIZES:
        lines = _wrapped(text, size, room)
        if len(lines) * size * LEADING <= 330 and len(lines) <= MOST_LINES:
            return size, lines
    return size, [*lines[: MOST_LINES - 1], _fitting(" ".join(lines[MOST_LINES - 1 :]), SERIF, size, room)]


def _wrapped(text: str, size: int, room: float) -> list[str]:
    """The lines of a text; a word longer than a line is broken where the line ends."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, SERIF, size) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        while _width(word, SERIF, size) > room and len(word) > 1:
            part = _fitting(word, SERIF, size, room).removesuffix(ELLIPSIS) or word[0]
            lines[-1], word = part, word[len(part) :]
            lines.append("")
        lines[-1] = word
    return [line for line in lines if line]


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: str, size: int, shade: int, room: float
) -> None:
    """Write a line, cut where the room ends."""
    x, y = at
    baseline = y + size
    for name, piece in _runs(_fitting(text, face, size, room), face):
        draw.text((x, baseline), piece, font=_font(name, size), fill=shade, anchor="ls")
        x += _font(name, size).getlength(piece)
