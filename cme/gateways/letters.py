"""Which letters the printed papers can show: the character tables of the fonts we ship."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts" / "print"
# In the order the papers' style sheets name them for a person's name; bold and italic have the same letters.
FACES = ("SourceSerif4_400Regular.ttf", "NotoNaskhArabic_400Regular.ttf", "Figtree_400Regular.ttf")


def missing_letters(text: str) -> set[str]:
    """The letters of a text that would print as boxes: empty when all of it can be printed."""
    clusters = set(_clusters(unicodedata.normalize("NFC", text)))
    return {cluster for cluster in clusters if not any(face.issuperset(cluster) for face in _faces())}


def _clusters(text: str) -> Iterator[str]:
    """Each letter with the marks on it: they must come from one font, or the marks land beside the letter."""
    cluster = ""
    for sign in text:
        if sign.isspace() or unicodedata.category(sign) == "Cf":
            continue  # joiners, direction marks and spaces draw nothing
        if cluster and unicodedata.combining(sign):
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster


@cache
def _faces() -> tuple[frozenset[str], ...]:
    """The letters each face has, read once."""
    from fontTools.ttLib import TTFont  # heavy, and not every process asks

    faces = []
    for name in FACES:
        with TTFont(FONTS / name, lazy=True) as font:
            faces.append(frozenset(map(chr, font.getBestCmap())))
    return tuple(faces)
