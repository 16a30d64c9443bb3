"""What the pages of duties share: filters of addresses, paging, taking in files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lantian.errors import BadInputError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.audit.actors import Actor, of_request
from lantian.web.core import clock
from lantian.web.core.formats import with_query
from lantian.web.duties.actions.importing import Imported
from lantian.web.duties.forms import FileForm
from lantian.web.duties.sheets import Headers, Row, read

_PATIENCE = 3600  # s between looking and taking
_NAME = 120


def number(text: str | None) -> int | None:
    """Return the number an address gives; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def one_of(text: str, known: Sequence[str], default: str = "") -> str:
    """Return a word of an address if it is a known one."""
    return text if text in known else default


def link_of(request: HttpRequest) -> Callable[[int], str]:
    """Return a function that gives the address of a page of this list."""

    def link(page: int) -> str:
        query = {k: request.GET.getlist(k) for k in request.GET if k != "page"}
        return with_query(request.path, {**query, "page": page if page > 1 else None})

    return link


@dataclass(frozen=True)
class Table:
    """A kind of table that can be taken in.

    Parameters
    ----------
    salt
        Of the signature of rows that were looked at.
    needed
        Columns without which no table is one.
    back
        Name of the page of what is taken in.
    title, note
        What the page is called and says.
    """

    salt: str
    headers: Headers
    needed: Sequence[str]
    take: Callable[..., Imported]
    back: str
    title: Callable[[], str]
    note: Callable[[], str]


def take_in(request: HttpRequest, table: Table) -> HttpResponse:
    """Read a file and say what it would do; take it in when it comes back confirmed."""
    if request.method == "POST" and "rows" in request.POST:
        return _take(request, table)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "trial": None, "error": None}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            context |= _look(of_request(request), form.cleaned_data["file"], table)
        except BadInputError as error:
            context["error"], status = error, 400
    return _page(request, table, context, status)


def _page(
    request: HttpRequest, table: Table, context: dict[str, object], status: int
) -> HttpResponse:
    more = {"title": table.title(), "note": table.note(), "back": table.back}
    return render(request, "duties/import.html.j2", context | more, status=status)


def _look(by: Actor, upload: UploadedFile, table: Table) -> dict[str, object]:
    file = Path(upload.name or "").name[-_NAME:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{Path(file).suffix.lower()[:8]}"
        with path.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        rows = read(path, table.headers, table.needed, file)
    trial = table.take(by, rows, file, today=clock.today(), dry_run=True)
    kept = {"file": file, "rows": [row.as_json() for row in rows], "as": _told(trial)}
    signed = signing.dumps(kept, salt=table.salt, compress=True)
    return {"trial": trial, "file": file, "lines": len(rows), "rows": signed}


def _take(request: HttpRequest, table: Table) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["rows"], salt=table.salt, max_age=_PATIENCE)
    except signing.BadSignature as error:
        raise InvalidArgumentError(
            "duties.import_expired", _("Look at the file again: the look at it is too old.")
        ) from error
    rows = [Row(**row) for row in kept["rows"]]
    by, day = of_request(request), clock.today()
    try:
        trial = table.take(by, rows, kept["file"], today=day, dry_run=True)
        if _told(trial) != kept["as"]:
            raise InvalidArgumentError(
                "store.not_as_shown",
                _("This has changed since it was shown. Nothing was changed; look again."),
            )
        done = table.take(by, rows, kept["file"], today=day, dry_run=False)
    except BadInputError as error:
        context: dict[str, object] = {"form": FileForm(), "trial": None, "error": error}
        return _page(request, table, context, 400)
    messages.success(
        request,
        _("{new} new, {changed} changed, {ended} ended, {same} as they were.").format(
            new=len(done.new), changed=len(done.changed), ended=len(done.ended), same=done.same
        ),
    )
    return redirect(table.back)


def _told(done: Imported) -> list[object]:
    return [done.new, done.changed, done.ended, done.same]
