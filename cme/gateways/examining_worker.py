"""The examiner's room: a process of its own that looks at PDFs from strangers, each in a fork that ends with it.

`examining.py` runs this file directly, so that it carries nothing of the application: no settings, no secrets, no
database. Messages are frames: four bytes of length, then the bytes.
"""

import hashlib
import importlib
import io
import json
import logging
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

LENGTH = struct.Struct("!I")
CPU_SECONDS, MOST_FILES = 8, 24
MOST_TOKENS, LONGEST_TOKEN = 5, 32_768
# What a file came to: none of ours can be read from it, or it carries our signature, broken or not.
NO_PDF, UNREADABLE, ENCRYPTED, UNSIGNED, FOREIGN, CHANGED, WHOLE = (
    *("no-pdf", "unreadable", "encrypted", "unsigned", "foreign", "changed", "whole"),
)
TAIL = "tail"  # added behind the end
TROUBLES: list[str] = []  # of the one file this fork looks at
PLACES = {
    **dict.fromkeys(("/Page", "/Pages"), "page"),
    **dict.fromkeys(("/Annot", "/FreeText", "/Stamp", "/Text", "/Ink", "/Square", "/Highlight"), "note"),
    **dict.fromkeys(("/Widget", "/AcroForm"), "field"),
    **dict.fromkeys(("/Metadata", "/Info"), "about"),
    **dict.fromkeys(("/EmbeddedFile", "/Filespec", "/F"), "attachment"),
    **dict.fromkeys(("/Font", "/FontDescriptor", "/Type0", "/CIDFontType2"), "font"),
    **dict.fromkeys(("/Sig", "/DocTimeStamp"), "signature"),
    **dict.fromkeys(("/XObject", "/Form", "/Image"), "drawing"),
}


def send(channel: BinaryIO, payload: bytes) -> None:
    """Send one frame."""
    channel.write(LENGTH.pack(len(payload)) + payload)
    channel.flush()


def receive(channel: BinaryIO) -> bytes:
    """Wait for one frame; EOFError when the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    return _exactly(channel, length)


def _exactly(channel: BinaryIO, wanted: int) -> bytes:
    got = channel.read(wanted)
    if len(got) < wanted:
        raise EOFError
    return got


def examine(pdf: bytes, pins: set[str], original: bytes) -> dict[str, Any]:
    """What a PDF comes to: whether it carries our signature, since when it was changed, and where."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    if b"%PDF-" not in pdf[:1024]:
        return {"verdict": NO_PDF}
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        if reader.encrypted:
            return {"verdict": ENCRYPTED}
        found: dict[str, Any] = {"tokens": _tokens(reader)}
    except Exception as error:
        # Whatever a parser trips over: a stranger's file has no right to be understood.
        tripped("reading", error)
        return {"verdict": UNREADABLE}
    try:
        signatures = reader.embedded_regular_signatures
        ours = [each for each in signatures if _pin(each.signer_cert.public_key.dump()) in pins]
    except Exception as error:
        tripped("finding a signature", error)
        return {**found, "verdict": FOREIGN}
    if not ours:
        return {**found, "verdict": FOREIGN if signatures else UNSIGNED}
    return {**found, **_judge(reader, ours[0], pdf, original)}


def tripped(over: str, error: Exception) -> None:
    """Keep what ended a look, by its kind alone, for its words may be the file's; too little memory proves nothing."""
    if isinstance(error, MemoryError):
        raise error  # the fork ends, and the file counts as not read instead of changed or foreign
    TROUBLES.append(f"{type(error).__name__} while {over}")


def _pin(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def _judge(reader: Any, signature: Any, pdf: bytes, original: bytes) -> dict[str, Any]:
    """Whether our signature still fits, and what came after it."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    try:
        nobody = ValidationContext(trust_roots=[], allow_fetching=False)  # whose key it is, the pins have told
        status = validate_pdf_signature(signature, signer_validation_context=nobody, skip_diff=True)
        fits, coverage = status.intact and status.valid, status.coverage
    except Exception as error:
        tripped("checking our signature", error)
        fits, coverage = False, None
    if not fits:
        return {"verdict": CHANGED, "changes": compare(original, pdf) if original else []}
    if coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return {"verdict": WHOLE}
    later = range(signature.signed_revision + 1, reader.total_revisions)
    places = {place_of(reader, ref) for number in later for ref in reader.xrefs.explicit_refs_in_revision(number)}
    return {"verdict": CHANGED, "changes": _telling(places) or [TAIL]}


def place_of(reader: Any, ref: Any) -> str:
    """In which part of a document an object lies."""
    try:
        thing = reader.get_object(ref)
    except Exception:
        return "structure"
    if not isinstance(thing, dict):
        return "structure"
    for name in ("/Subtype", "/Type", "/FT"):
        if place := PLACES.get(str(thing[name]) if name in thing else ""):
            return place
    if "/Producer" in thing or "/Title" in thing:
        return "about"
    return "drawing" if hasattr(thing, "encoded_data") and "/Type" not in thing else "structure"


def compare(original: bytes, pdf: bytes) -> list[str]:
    """In which parts a file differs from the one we issued."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        ours, theirs = (PdfFileReader(io.BytesIO(each), strict=False) for each in (original, pdf))
        numbers = range(ours.total_revisions)
        refs = {ref for number in numbers for ref in ours.xrefs.explicit_refs_in_revision(number)}
        return _telling({place_of(ours, ref) for ref in refs if _written(ours, ref) != _written(theirs, ref)})
    except Exception as error:
        tripped("comparing", error)
        return []


def _telling(places: set[str]) -> list[str]:
    """The places in order; that the file is put together otherwise goes without saying where more is known."""
    return sorted(places - {"structure"} or places)


def _written(reader: Any, ref: Any) -> bytes:
    from pyhanko.pdf_utils.generic import Reference

    out = io.BytesIO()
    try:
        thing = reader.get_object(Reference(ref.idnum, ref.generation, pdf=reader))
        thing.write_to_stream(out)
    except Exception:
        return b"unreadable"
    return out.getvalue()


def _tokens(reader: Any) -> list[str]:
    """The credentials attached to a document, not yet believed."""
    found: dict[str, None] = {}
    for attached in islice(_attachments(reader), MOST_TOKENS):
        stream = attached.raw_get("/EF")["/F"]
        if len(stream.encoded_data) <= LONGEST_TOKEN and (data := stream.data[:LONGEST_TOKEN]).startswith(b"ey"):
            found[data.decode("ascii", "replace").strip()] = None
    return list(found)


def _attachments(reader: Any) -> Iterator[Any]:
    root = reader.root
    for attached in root.get("/AF", ()):
        yield attached.get_object()
    names = root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", ())
    for place in range(1, min(len(names), 2 * MOST_TOKENS), 2):
        yield names[place]


def apart(look: Callable[[], dict[str, Any]]) -> bytes:
    """Look in a fork, which takes whatever the file did to it into its grave; nothing where it died of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            with os.fdopen(writing, "wb") as out:
                out.write(json.dumps({**look(), "troubles": TROUBLES}).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told or json.dumps({"verdict": UNREADABLE}).encode()


def warm_up() -> None:
    """Load what every file needs, so that each fork finds it ready."""
    importlib.import_module("pyhanko.sign.validation")
    importlib.import_module("pyhanko.pdf_utils.reader")


def main(memory: int) -> None:
    """Say that we are ready, then answer file after file until the application hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then hangs up
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    warm_up()
    asks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    try:
        send(answers, b"ready")
        while True:
            pdf, pins, original = receive(asks), set(json.loads(receive(asks))), receive(asks)
            send(answers, apart(partial(examine, pdf, pins, original)))
    except (EOFError, OSError):
        pass  # nobody waits for us any more


if __name__ == "__main__":
    main(int(sys.argv[1]))
