"""Handing out a file, as a form."""

from wtforms import FileField

from cme.catalog.files import KINDS
from cme.forms import CreatingForm, LineField


class HandoutForm(CreatingForm):
    """A file for learners, and what it is called."""

    title = LineField("Title", description="What learners read. Left empty, the file's own name.")
    file = FileField(
        "File",
        description="PDF, PPTX, DOCX, XLSX, ZIP, PNG, JPEG or TXT, at most 20 MB.",
        render_kw={"accept": ",".join(f".{ending}" for ending in KINDS)},
    )
