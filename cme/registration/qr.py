"""Addresses as QR pictures, for badges, the screen in the room, and certificates."""

import re

import segno


def qr_of(url: str) -> dict[str, str | int]:
    """An address as a picture: its side in modules, and the dark runs as one SVG path to be stroked."""
    # A fixed mask spares the search for the prettiest; every reader copes.
    rows = list(segno.make(url, error="m", mask=3, micro=False, boost_error=False).matrix)
    runs = [
        f"M{dark.start()} {y}.5h{len(dark[0])}"
        for y, row in enumerate(rows)
        for dark in re.finditer("1+", "".join(map(str, row)))
    ]
    return {"side": len(rows), "path": "".join(runs)}
