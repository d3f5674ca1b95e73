"""The press room: a process of its own that turns pages into PDFs, one after the other.

`press.py` runs this file directly, so that it carries nothing of the application: no settings, no secrets, no database.
Messages are frames over a socket: four bytes of length, then the bytes.
"""

import gc
import json
import logging
import os
import re
import resource
import select
import signal
import socket
import struct
import sys
import threading
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

LENGTH = struct.Struct("!I")
MOST_STYLES = 8  # style sheets kept ready
ARTWORK_PAGE = """<style>@page {{ size: 11in 8.5in; margin: 0 }}
html {{ background: url("{}") 0 0 / 11in 8.5in no-repeat }}</style>"""
# WeasyPrint writes of one standard at a time; what says PDF/UA beside PDF/A must also be described, for PDF/A's sake.
PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 the document conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF>"""


def send(channel: socket.socket, payload: bytes) -> None:
    """Send one frame."""
    channel.sendall(LENGTH.pack(len(payload)) + payload)


def receive(channel: socket.socket) -> bytes:
    """Wait for one frame; EOFError when the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    return _exactly(channel, length)


def _exactly(channel: socket.socket, wanted: int) -> bytes:
    """Read as many bytes as were announced."""
    got = bytearray()
    while len(got) < wanted:
        if not (piece := channel.recv(min(wanted - len(got), 1 << 16))):
            raise EOFError
        got += piece
    return bytes(got)


class Complaints(logging.Handler):
    """Collects what WeasyPrint would only log: a paper with a picture missing is not printed at all."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage()[:300])


class Unreadable(Exception):
    """A page that is not one of ours."""


def read_xhtml(text: str) -> Any:
    """Read a page of strict XHTML, which declares nothing but that: declared entities can grow without end."""
    parser, builder = expat.ParserCreate(namespace_separator="}"), TreeBuilder()

    def declared(_: str, *more: object) -> None:
        if any(more):
            raise Unreadable("it declares more than that it is HTML")

    def named(name: str) -> str:
        return f"{{{name}" if "}" in name else name

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = lambda name, told: builder.start(named(name), {named(n): v for n, v in told.items()})
    parser.EndElementHandler = lambda name: builder.end(named(name))
    parser.CharacterDataHandler = builder.data
    parser.Parse(text.encode(), True)
    return builder.close()


class PressRoom:
    """WeasyPrint with our fonts and folders, kept warm: what one page needed, the next finds ready."""

    def __init__(self, folders: list[Path]) -> None:
        from weasyprint.logger import LOGGER  # half a second, and the application imports this file for its frames
        from weasyprint.text.fonts import FontConfiguration

        self.base_url = f"{folders[0].as_uri()}/"
        self.complaints = Complaints()
        LOGGER.addHandler(self.complaints)
        LOGGER.propagate = False
        self.fetcher = _assets_only(folders, self.complaints.heard)
        self.fonts = FontConfiguration()
        self.artworks: dict[str, Artwork] = {}
        self.styles: dict[str, Any] = {}

    def print_page(self, html: str, attached: list[dict[str, str]]) -> tuple[dict[str, Any], bytes]:
        """Print one page: what was found wrong, and the PDF."""
        from weasyprint.urls import FatalURLFetchingError

        self.complaints.heard.clear()
        missing: set[str] = set()
        is_archived = html.startswith("<?xml")

        def finish(document: Any, pdf: Any) -> None:
            for font in document.fonts.values():
                missing.update(map(chr, font.missing))
            told = document.metadata.custom
            if "qr" in told:
                draw_qr(pdf, told["qr"])
            if name := told.get("artwork"):
                self.artwork(name).lay_under(pdf)
            if is_archived:
                say_accessible(pdf, told.get("name"))
                attach(pdf, attached)

        try:
            if is_archived:
                page, style = self.sheet(html)
                told = {"stylesheets": style, "pdf_variant": "pdf/a-3a"}
            else:
                page, told = self.page(html), {"pdf_variant": "pdf/ua-1"}
            pdf = page.write_pdf(font_config=self.fonts, finisher=finish, **told)
        except (FatalURLFetchingError, expat.ExpatError, Unreadable, RecursionError) as error:
            if not isinstance(error, FatalURLFetchingError):  # that one is among the complaints already
                self.complaints.heard.append(f"The page cannot be read: {error}")
            pdf = b""
        return {"missing": sorted(missing), "complaints": self.complaints.heard[:5]}, pdf

    def sheet(self, xhtml: str) -> tuple[Any, list[Any]]:
        """A page of strict XHTML and its style sheets: read far faster than HTML, and each style sheet only once."""
        from weasyprint import CSS, HTML, cssselect2

        root = read_xhtml(xhtml)
        styles = []
        for head in root.iter("head"):
            for each in head.findall("style"):
                head.remove(each)
                styles.append(each.text or "")
        if len(self.styles) > MOST_STYLES:
            self.styles.clear()
        for text in styles:
            if text not in self.styles:
                self.styles[text] = CSS(
                    string=text, base_url=self.base_url, url_fetcher=self.fetcher, font_config=self.fonts
                )
        page = HTML.__new__(HTML)  # its own reading of the page is what we do without
        page.base_url, page.url_fetcher, page.media_type = self.base_url, self.fetcher, "print"
        page.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        page.etree_element = root
        return page, [self.styles[text] for text in styles]

    def page(self, html: str) -> Any:
        """A page whose pictures come from our folders only."""
        from weasyprint import HTML

        return HTML(string=html, base_url=self.base_url, url_fetcher=self.fetcher)

    def artwork(self, name: str) -> "Artwork":
        """The artwork of that file name, drawn when first asked for."""
        if name not in self.artworks:
            self.artworks[name] = Artwork(self.page(ARTWORK_PAGE.format(quote(name, safe="."))))
            gc.freeze()  # by now all that stays is there; looking through it page after page would cost a tenth
        return self.artworks[name]


class Artwork:
    """A picture behind a whole page, drawn once: the certificate's frame takes longer to draw than all its text."""

    def __init__(self, page: Any) -> None:
        import pydyf

        drawn: dict[str, Any] = {}
        page.write_pdf(finisher=lambda _, pdf: drawn.update(pdf=pdf))
        objects = drawn["pdf"].objects
        (sheet,) = (o for o in objects if isinstance(o, dict) and o.get("Type") == "/Page")
        (form,) = (o for o in objects if isinstance(o, pydyf.Stream) and o.extra.get("Subtype") == "/Form")
        content = b"\n".join(objects[int(sheet["Contents"].split()[0])].stream).replace(b"/x0 Do", b"/Artwork Do")
        self.content = b"/Artifact <</Type /Background>> BDC q " + content + b" Q EMC"
        resources = objects[int(form.extra["Resources"].split()[0])]
        # Lines and their transparency are all it has: no text, no pictures.
        used = pydyf.Dictionary({"ExtGState": resources["ExtGState"]})
        self.extra = {**form.extra, "Resources": used, "Filter": "/FlateDecode"}
        self.packed = zlib.compress(b"\n".join(form.stream), 9)

    def lay_under(self, pdf: Any) -> None:
        """Put the artwork under each page of a document that WeasyPrint is about to write."""
        import pydyf

        form = pydyf.Stream([self.packed], self.extra)
        pdf.add_object(form)
        for sheet in [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"]:
            pdf.objects[int(sheet["Resources"].split()[0])]["XObject"]["Artwork"] = form.reference
            pdf.objects[int(sheet["Contents"].split()[0])].stream.insert(0, self.content)


def draw_qr(pdf: Any, path: str) -> None:
    """Draw the dark runs of a QR code, like M3 0.5h7, into the white square kept for it."""
    for sheet in [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"]:
        stream = pdf.objects[int(sheet["Contents"].split()[0])].stream
        if "/Figure" in stream:
            filled = stream.index(b"f", stream.index("/Figure"))
            squares = re.sub(r"M(\d+) (\d+)\.5h(\d+)", r"\1 \2 \3 1 re ", path)
            stream.insert(filled + 1, f"q 0.043137 0.145098 0.188235 rg {squares}f Q".encode())


def say_accessible(pdf: Any, name: str | None) -> None:
    """Say in a PDF/A that it is PDF/UA as well, where its pictures are, and a name as it reads, not as it is drawn."""
    import pydyf

    (metadata,) = (o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == "/Metadata")
    metadata.stream = [b"".join(metadata.stream).replace(b"</rdf:RDF>", PDF_UA)]
    metadata.compress = False  # to be found by programs that read no PDF
    top = next(o["MediaBox"][3] for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page")
    for element in [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/StructElem"]:
        if element["S"] == "/Figure":  # WeasyPrint counts in pixels from above
            left, upper, right, lower = (edge * 0.75 for edge in element["A"]["BBox"])
            element["A"]["BBox"] = pydyf.Array([left, top - lower, right, top - upper])
        if element["S"] == "/H2" and name:
            element["ActualText"] = pydyf.String(name)


def attach(pdf: Any, files: list[dict[str, str]]) -> None:
    """Put files into a PDF as the data it was made of, dated like the document itself."""
    import pydyf

    for file in files:
        content, dated = file["content"].encode(), pdf.info["CreationDate"]
        told = {"Size": len(content), "CreationDate": dated, "ModDate": dated}
        kind = "".join(sign if sign.isalnum() else f"#{ord(sign):02x}" for sign in file["media_type"])
        extra = {"Type": "/EmbeddedFile", "Subtype": f"/{kind}", "Params": pydyf.Dictionary(told)}
        stream = pydyf.Stream([content], extra, compress=True)
        pdf.add_object(stream)
        name = pydyf.String(file["name"])
        about = {"Type": "/Filespec", "F": name, "UF": name, "Desc": pydyf.String(file["description"])}
        held = pydyf.Dictionary({"F": stream.reference, "UF": stream.reference})
        spec = pydyf.Dictionary({**about, "AFRelationship": "/Data", "EF": held})
        pdf.add_object(spec)
        names = pdf.catalog.setdefault("Names", pydyf.Dictionary())
        named = names.setdefault("EmbeddedFiles", pydyf.Dictionary({"Names": pydyf.Array()}))
        named["Names"].extend([name, spec.reference])
        pdf.catalog.setdefault("AF", pydyf.Array()).append(spec.reference)


def _assets_only(folders: list[Path], refused: list[str]) -> Any:
    """A fetcher for data: addresses and files of the asset folders, and for nothing else."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class AssetsOnly(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if not _is_asset(url, folders):
                refused.append(f"Refused to fetch {url[:200]}")
                raise FatalURLFetchingError(refused[-1])
            return super().fetch(url, headers)

    return AssetsOnly(allowed_protocols=("data", "file"), allow_redirects=False)


def _is_asset(url: str, folders: list[Path]) -> bool:
    """Say whether an address is one the press may read."""
    parts = urlsplit(url)
    if parts.scheme == "data":
        return True
    if parts.scheme != "file" or parts.netloc:
        return False
    path = Path(unquote(parts.path)).resolve()
    return any(path.is_relative_to(folder) for folder in folders)


def leave_with(channel: socket.socket) -> None:
    """End this process as soon as the other side is gone, even in the middle of a page."""
    # A parent-death signal would follow the thread that started us, and web threads come and go.
    watch = select.poll()
    watch.register(channel, 0)
    while not any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in watch.poll()):
        pass
    os._exit(0)


def main(folders: list[str], memory: int) -> None:
    """Print pages until the other side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then hangs up
    channel = socket.socket(fileno=os.dup(0))
    threading.Thread(target=leave_with, args=(channel,), daemon=True).start()
    # Data, not address space: the latter counts libraries and reservations and differs from machine to machine.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    room = PressRoom([Path(folder).resolve() for folder in folders])
    try:
        send(channel, b"ready")
        while True:
            asked = json.loads(receive(channel))
            findings, pdf = room.print_page(asked["html"], asked["attached"])
            send(channel, json.dumps(findings).encode())
            send(channel, pdf)
    except (EOFError, OSError):
        pass  # nobody waits for us any more


if __name__ == "__main__":
    main(sys.argv[2:], int(sys.argv[1]))
