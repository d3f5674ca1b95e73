"""All certificates of a seminar in one file, written as it is sent: nobody holds the whole of it."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator

from cme.credits.queries.bulk import Paper
from cme.registration.exports import safe_cell

HEADS = ("File", "Number", "Name", "Certificate", "Credit", "SHA-256")


class _Pipe:
    """A file that can only be written onwards, and is emptied as it fills."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Take one piece."""
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is left open."""

    def emptied(self) -> bytes:
        """What came since the last time."""
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def zipped(papers: Iterable[Paper]) -> Iterator[bytes]:
    """A ZIP of certificates with a list of them, piece by piece; PDFs are compressed already and go in as they are."""
    pipe, rows = _Pipe(), [HEADS]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for paper in papers:
            entry = zipfile.ZipInfo(paper.file, paper.printed_at.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, paper.content)
            rows.append((paper.file, paper.number, paper.name, paper.kind, paper.credits, paper.sha256))
            yield pipe.emptied()
        archive.writestr(zipfile.ZipInfo("certificates.csv"), _list_of(rows))
    yield pipe.emptied()


def _list_of(rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
