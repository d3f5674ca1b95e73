"""How a certificate's number, code and name are read when somebody verifies them."""

import re
import unicodedata

from cme.values import CROCKFORD

NOT_FOUND = "No certificate has this number under this name. Check each sign: a number has no letters O, I, L or U."


def number_prefix(provider_name: str) -> str:
    """The letters before a certificate's number: the provider's initials, in capitals."""
    letters = "".join(word[0] for word in re.findall(r"[A-Za-z]+", _plain(provider_name)))
    return (letters or "C")[:4].upper()


LOOK_ALIKE = str.maketrans("OIL", "011")
# Letters that carry their stroke inside and so do not come apart like é.
STROKED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})


def read_number(typed: str, prefix: str) -> str | None:
    """The number somebody meant: capitals, blanks, hyphens, the prefix, O for 0 and I or L for 1 do not matter."""
    signs = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed).upper())
    before, drawn = signs[:-10], signs[-10:].translate(LOOK_ALIKE)
    if len(drawn) < 10:
        return None
    return f"{before or prefix}-{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


def is_code(text: str) -> bool:
    """Whether a text can be the code of a certificate or the ref of a registration."""
    return re.fullmatch(rf"[{CROCKFORD}]{{26}}", text) is not None


def read_code(typed: str) -> str | None:
    """The code somebody meant, copied by hand or in small letters."""
    code = typed.upper().translate(LOOK_ALIKE)
    return code if is_code(code) else None


def _plain(text: str) -> str:
    """A text without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words_of(name: str) -> set[str]:
    """The words of a name as they compare: case and accents apart, with and without what joins or shortens them."""
    plain = _plain(name.casefold()).translate(STROKED)
    return set(re.findall(r"\w+", plain)) | set(re.findall(r"\w+", re.sub(r"['’.\-‐]", "", plain)))


def is_named(typed: str, printed: str) -> bool:
    """Whether some word of what was typed is a word of the printed name."""
    return bool(words_of(typed) & words_of(printed))
