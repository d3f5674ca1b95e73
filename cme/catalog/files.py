"""What may be handed out: which files we take, what we say they are, and how they are called."""

import re
import unicodedata
import zipfile
from io import BytesIO

MOST_BYTES, MOST_TOGETHER = 20 * 1024 * 1024, 100 * 1024 * 1024
LONGEST_NAME = 120
OFFICE = "application/vnd.openxmlformats-officedocument"
# Each kind by its ending: what we call it, how its bytes begin, and what an Office file holds.
KINDS = {
    "pdf": ("application/pdf", b"%PDF-", ""),
    "pptx": (f"{OFFICE}.presentationml.presentation", b"PK\x03\x04", "ppt/"),
    "docx": (f"{OFFICE}.wordprocessingml.document", b"PK\x03\x04", "word/"),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", b"PK\x03\x04", "xl/"),
    "zip": ("application/zip", b"PK\x03\x04", ""),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n", ""),
    "jpg": ("image/jpeg", b"\xff\xd8\xff", ""),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff", ""),
    "txt": ("text/plain", b"", ""),
}
MARKUP = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|svg|script|iframe|\?xml|!--)", re.IGNORECASE)
# Parts of a path, signs no file system likes, and whatever would turn or hide the name.
UNSAFE = re.compile(r'[\\/:*?"<>|]')
TURNING = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff"}


class Unfit(ValueError):
    """A file that is not what it should be; the message says what is."""


def clean_name(given: str) -> str:
    """The name of a file as we keep it: no folder, nothing unprintable, its ending kept."""
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(c for c in name if c not in TURNING and unicodedata.category(c) not in {"Cc", "Cs"})
    name = " ".join(UNSAFE.sub("-", name).split()).lstrip(".- ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip()}{dot}{ending}" if stem else name[:LONGEST_NAME]


def media_type_of(file_name: str, content: bytes) -> str:
    """What the file is by its ending, if its bytes agree; Unfit otherwise."""
    ending = file_name.rpartition(".")[2].lower()
    if ending not in KINDS or len(ending) > len(file_name) - 2:
        raise Unfit("Choose a PDF, PPTX, DOCX, XLSX, ZIP, PNG, JPEG or TXT file")
    if not content:
        raise Unfit("The file is empty: choose another one")
    if len(content) > MOST_BYTES:
        raise Unfit("The file is larger than 20 MB: choose a smaller one")
    media_type, start, inside = KINDS[ending]
    if not content.startswith(start) or (start.startswith(b"PK") and not _holds(content, inside)):
        raise Unfit(f"The file is called .{ending} and is something else: save it again as {ending.upper()}")
    if ending == "txt" and not _is_plain(content):
        raise Unfit("The file is called .txt and is not plain text: save it again as plain text")
    return media_type


def _holds(content: bytes, folder: str) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return not folder or ("[Content_Types].xml" in names and any(name.startswith(folder) for name in names))


def _is_plain(content: bytes) -> bool:
    if b"\0" in content or MARKUP.match(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
