"""The files of a seminar, for those who are registered."""

import io
from typing import Any

from flask import abort, send_file
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.registration import handouts
from cme.registration.views.blueprint import REF, bp


@bp.route("/registrations/<ref>/handouts/<handout_ref>")
@learners_only
def handout(ref: str, handout_ref: str) -> Any:
    """Give a file of the seminar to somebody who is registered; it is saved, never shown as a page of ours."""
    if not REF.fullmatch(ref) or not REF.fullmatch(handout_ref):
        abort(404)
    registration, file = handouts.handout_of(current_user.id, ref, handout_ref) or abort(404)
    handouts.check_open(registration, now=gateways.clock())
    response = send_file(io.BytesIO(file.content), as_attachment=True, download_name=file.file_name, etag=False)
    response.content_type = file.media_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
