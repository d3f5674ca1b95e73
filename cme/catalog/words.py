"""Words as they are searched for: folded the same way for both databases, guessed when mistyped. Pure."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD, MOST_WORDS_OF_A_TEXT = 40, 5000
SHORTEST_GUESSED = 4
MOST_GUESSED = 3  # of one search: each is compared with every word there is, and more is no slip of the finger
# What a word may lose before it is looked for by its beginning; what stays must still say something.
ENDINGS = {"s": 4, **dict.fromkeys(("ists", "ing", "ist", "ics", "ies", "ed", "es", "ic", "y"), 5)}


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The words of a text without case, accents and signs: Women's Café-Talk is womens, cafe, talk."""
    plain = text.replace("'", "").replace("’", "")
    return [word[:LONGEST_WORD] for word in re.findall(r"[^\W_]+", _folded(plain))]


def stem_of(word: str) -> str:
    """The beginning a word shares with its relatives: diabet, of diabetes and diabetic."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if word.endswith(ending) and len(word) - len(ending) >= ENDINGS[ending]:
            return word.removesuffix(ending)
    return word


@dataclass(frozen=True)
class Term:
    """One thing to look for: a word, or several that must follow each other."""

    words: tuple[str, ...]
    is_phrase: bool = False

    @property
    def stem(self) -> str:
        """The beginning to look for as well; nothing for short words, which begin too much, and for phrases."""
        return "" if self.is_phrase or len(self.words[0]) < 3 else stem_of(self.words[0])


def terms_of(asked: str) -> list[Term]:
    """What somebody looks for; words between quotation marks belong together."""
    found: list[Term] = []
    for number, part in enumerate(re.split(r'["“”„«»]', asked)):
        words = tuple(words_of(part))
        if number % 2 and len(words) > 1:
            found.append(Term(words, is_phrase=True))
        else:
            found += [Term((word,)) for word in words]
    return list(dict.fromkeys(found))


def fts5_query(terms: Iterable[Term]) -> str:
    """The terms for SQLite; letters and digits alone reach it, so nothing in them can be a sign of its own."""
    return " AND ".join(
        f'("{term.words[0]}" OR "{term.stem}" *)' if term.stem else f'"{" ".join(term.words)}"' for term in terms
    )


def tsquery(terms: Iterable[Term]) -> str:
    """The terms for PostgreSQL, written the way it would write them itself."""
    return " & ".join(
        f"('{term.words[0]}' | '{term.stem}':*)"
        if term.stem
        else "(" + " <-> ".join(f"'{word}'" for word in term.words) + ")"
        for term in terms
    )


def tsvector(fields: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Weighted words for PostgreSQL: each field by its letter, every word with the places where it stands."""
    places: dict[str, list[str]] = {}
    position = 0
    for weight, words in fields:
        for word in words:
            position += 1
            places.setdefault(word, []).append(f"{min(position, 16000)}{weight}")
        position += 1  # a phrase does not reach from one field into the next
    return " ".join(f"'{word}':{','.join(at[:100])}" for word, at in places.items())


def _distance(a: str, b: str, most: int) -> int:
    """How many letters must be changed, added, left out or swapped with their neighbour; beyond `most` it is more."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


def nearest(word: str, known: Iterable[tuple[str, int]]) -> str:
    """The known word somebody most likely meant, the commonest of those equally near; nothing when none is near."""
    most = 1 if len(word) < 8 else 2
    letters = set(word)
    best = (most + 1, 0, "")
    for other, count in known:
        if abs(len(other) - len(word)) > most or len(letters.symmetric_difference(other)) > 2 * most:
            continue
        best = min(best, (_distance(word, other, best[0]), -count, other))
    return best[2] if best[0] <= most else ""


def corrected(terms: Iterable[Term], known: Iterable[tuple[str, int]]) -> list[Term]:
    """The terms with each word that no seminar knows replaced by the one most likely meant."""
    asked, vocabulary = list(terms), list(known)
    in_order = [*sorted(other for other, _ in vocabulary), ""]
    unknown = [
        term
        for term in asked
        if not term.is_phrase
        and len(term.words[0]) >= SHORTEST_GUESSED
        and not in_order[bisect_left(in_order, term.stem, hi=len(vocabulary))].startswith(term.stem)
    ]
    if len(unknown) > MOST_GUESSED:
        return asked
    meant = {term: Term((nearest(term.words[0], vocabulary) or term.words[0],)) for term in unknown}
    return [meant.get(term, term) for term in asked]


def said(terms: Iterable[Term]) -> str:
    """The terms as somebody would type them."""
    return " ".join(f"“{' '.join(t.words)}”" if t.is_phrase else t.words[0] for t in terms)
