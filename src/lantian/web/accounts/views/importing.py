"""Taking in people from a file: look first, then take."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lantian.errors import BadInputError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts import actions, roster
from lantian.web.accounts.access import needs
from lantian.web.accounts.forms import ImportForm
from lantian.web.accounts.roster import Line
from lantian.web.audit.actors import of_request

_SALT = "lantian.accounts.import"
_PATIENCE = 3600  # s between looking and taking
_NAME = 120


@needs("accounts.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def import_people(request: HttpRequest) -> HttpResponse:
    """Read a file and say what it would do; take it in when it comes back confirmed."""
    if request.method == "POST" and "rows" in request.POST:
        return _take(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "trial": None, "error": None}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            context |= _look(request, form.cleaned_data["file"])
        except BadInputError as error:
            context["error"], status = error, 400
    return render(request, "accounts/people_import.html.j2", context, status=status)


def _look(request: HttpRequest, upload: UploadedFile) -> dict[str, object]:
    file = Path(upload.name or "").name[-_NAME:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"people{Path(file).suffix.lower()[:8]}"
        with path.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        lines = roster.read(path, file)
    trial = actions.import_people(of_request(request), lines, file, dry_run=True)
    kept = {"file": file, "rows": [line.as_json() for line in lines]}
    return {
        "trial": trial,
        "file": file,
        "lines": len(lines),
        "rows": signing.dumps(kept, salt=_SALT, compress=True),
    }


def _take(request: HttpRequest) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["rows"], salt=_SALT, max_age=_PATIENCE)
    except signing.BadSignature as error:
        raise InvalidArgumentError(
            "accounts.import_expired", _("Look at the file again: the look at it is too old.")
        ) from error
    lines = [Line(**row) for row in kept["rows"]]
    done = actions.import_people(
        of_request(request), lines, kept["file"],
        dry_run=False, issue_codes=request.POST.get("codes") == "1",
    )  # fmt: skip
    context = {"done": done, "file": kept["file"]}
    return render(request, "accounts/people_imported.html.j2", context)
