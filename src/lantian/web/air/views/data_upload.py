"""Sending files: a dry run first, then just what it showed."""

from __future__ import annotations

from datetime import datetime

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.observations.import_files import SUFFIXES
from lantian.observations.readers.detect import format_title
from lantian.observations.readers.mapping import guess, load_sheets
from lantian.observations.readers.table_look import look, remembered
from lantian.observations.readers.table_mapping import Mapping
from lantian.observations.words import rule_word
from lantian.web.accounts.access import needs
from lantian.web.air import flags, mapping_form, mappings, uploads
from lantian.web.air.forms import ChoicesForm
from lantian.web.air.notices import done
from lantian.web.air.upload_jobs import check, progress_of, resume, take_in
from lantian.web.air.views.hours import parameter_words
from lantian.web.audit.actors import of_request
from lantian.web.audit.chain import record
from lantian.web.core import clock
from lantian.web.core.air import network
from lantian.web.core.errors import status_of

WAIT = 2.0  # s; longer work is shown with a bar
_SLACK = 1024**2  # bytes of a request that are not the files


@needs("data.change")
@csrf_exempt  # checked in _send, after the size: a form of a gigabyte is not read to see its token
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Show the form for files, or take them and check them."""
    if request.method == "GET":
        return _form(request, ChoicesForm(initial={"calibre": "realtime", "period": "1h"}))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > uploads.limit_bytes() + _SLACK:
        raise uploads.too_large(uploads.limit_bytes())
    return _send(request)


@csrf_protect
def _send(request: HttpRequest) -> HttpResponse:
    form = ChoicesForm(request.POST)
    try:
        if not form.is_valid():
            return _form(request, form, status=400)
        found = uploads.receive(
            request.FILES.getlist("files"), form.choices(), of_request(request), clock.now()
        )
    except DomainError as error:
        return _form(request, form, status=status_of(error), error=error)
    check(found, WAIT)
    return redirect("air:data-upload-shown", found.token)


def _form(
    request: HttpRequest, form: ChoicesForm, status: int = 200, error: DomainError | None = None
) -> HttpResponse:
    waiting = uploads.waiting()
    context = {
        "form": form, "error": error, "limit": uploads.limit_bytes() // 1024**2,
        "suffixes": ",".join(sorted({*SUFFIXES, ".gz", ".zip"})),
        "uploads": [one for one in waiting if not one.refused],
        "refused": [one for one in waiting if one.refused],
    }  # fmt: skip
    return render(request, "air/data_upload.html.j2", context, status=status)


@needs("data.change")
@require_GET
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """Show how far an upload is: a bar, what the check found, or what became of it."""
    found = uploads.find(token)
    running = uploads.running(found)
    if request.GET.get("part") == "bar":
        if not running:
            here = reverse("air:data-upload-shown", args=(token,))
            return HttpResponse(headers={"HX-Redirect": here})
        return render(
            request, "air/data_upload_bar.html.j2", {"upload": found, "told": progress_of(found)}
        )
    choices = found.choices
    initial = {name: getattr(choices, name) for name in ChoicesForm().fields}
    return render(request, "air/data_upload_shown.html.j2", {
        "upload": found, "running": running, "told": progress_of(found), "report": found.report,
        "interrupted": not running and found.phase in ("checking", "landing", "uploaded"),
        "form": ChoicesForm(initial=initial), "rule_word": rule_word, "format_title": format_title,
        "state_words": flags.state_words, "moment_of": datetime.fromisoformat,
        "swapped": _swapped(found), "names": _names(found), "parameter_words": parameter_words,
    })  # fmt: skip


@needs("data.change")
@require_POST
def recheck(request: HttpRequest, token: str) -> HttpResponse:
    """Check again, after saying something else of the files, or after an interruption."""
    found = uploads.find(token)
    if found.phase == "landed":
        raise InvalidArgumentError("upload.landed", _("These files are taken in already."))
    if "resume" in request.POST:
        resume(found, WAIT)
        return redirect("air:data-upload-shown", token)
    form = ChoicesForm(request.POST)
    if not form.is_valid():
        raise InvalidArgumentError("upload.bad_choices", " ".join(
            str(e) for errors in form.errors.values() for e in errors
        ))  # fmt: skip
    chosen = form.choices(accept_swapped="accept" in request.POST)
    check(uploads.save(found, choices=chosen, stale=False), WAIT)
    return redirect("air:data-upload-shown", token)


@needs("data.change")
@require_POST
def land(request: HttpRequest, token: str) -> HttpResponse:
    """Take in just what was shown."""
    found = uploads.find(token)
    actor = of_request(request)
    after = take_in(found, actor, skip_bad="skip" in request.POST, wait=WAIT)
    if after.phase == "landed" and after.batch is not None:
        done(
            request,
            _("Batch {batch} is taken in.").format(batch=after.batch),
            undo=reverse("air:data-undo", args=(after.batch,)),
        )
    return redirect("air:data-upload-shown", token)


@needs("data.change")
@require_POST
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Delete files that were not taken in."""
    uploads.discard(uploads.find(token))
    done(request, _("The files are deleted; nothing was taken in."))
    return redirect("air:data-upload")


@needs("data.change")
@require_POST
def discard_refused(request: HttpRequest) -> HttpResponse:
    """Delete all files of which nothing can be taken in."""
    n = uploads.discard_refused()
    done(
        request,
        ngettext("{n} refused upload is deleted.", "{n} refused uploads are deleted.", n).format(
            n=n
        ),
    )
    return redirect("air:data-upload")


@needs("data.change")
@require_GET
def bad(request: HttpRequest, token: str) -> FileResponse:
    """Hand out the list of bad rows."""
    del request
    found = uploads.find(token)
    return FileResponse(
        (found.folder / uploads.BAD).open("rb"), as_attachment=True,
        filename="bad-rows.csv", content_type="text/csv; charset=utf-8",
    )  # fmt: skip


@needs("data.change")
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Show what each column of a table is taken for, and take corrections."""
    found = uploads.find(token)
    if found.phase == "landed" or number >= len(found.files):
        raise InvalidArgumentError("upload.landed", _("These files are taken in already."))
    file = found.paths()[number]
    before = _mapping_of(found, number)
    seen = look(file, before)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            kept = mapping_form.mapping_of(seen, request.POST.dict(), before)
        except InvalidArgumentError as problem:
            error = problem
        else:
            mappings.keep(kept)
            record(
                "data.mapping_kept", ("upload", token, file.name),
                {"columns": [list(pair) for pair in kept.describe()]}, request=request,
            )  # fmt: skip
            check(found, WAIT)
            return HttpResponseRedirect(reverse("air:data-upload-shown", args=(token,)))
    columns = mapping_form.columns_of(seen, before)
    return render(request, "air/data_mapping.html.j2", {
        "upload": found, "file": found.files[number], "columns": columns, "error": error,
        "roles": mapping_form.roles(), "units": mapping_form.units(), "mapping": before,
        "given": request.POST, "number": number,
    }, status=400 if error else 200)  # fmt: skip


def _mapping_of(upload_: uploads.Upload, number: int) -> Mapping | None:
    """Return the mapping a file is read by: one kept, else the guess; None: there is none."""
    sheet = load_sheets(upload_.paths()[number])[0]
    kept = remembered(sheet, mappings.known())
    if kept is not None:
        return kept
    try:
        return guess(sheet, station=upload_.choices.station or None)
    except DomainError:
        return None  # the person says what the columns are


def _swapped(found: uploads.Upload) -> bool:
    """Say whether columns look exchanged, which a person may know better."""
    problems = (found.report or {}).get("problems", ())
    return any(p["code"] == "import.swapped_columns" for p in problems)


def _names(found: uploads.Upload) -> dict[str, str]:
    if found.report is None:
        return {}
    return dict(network().stations().select("station", "name").iter_rows())


urls = [
    path("air/data/upload/", upload, name="data-upload"),
    path("air/data/upload/refused/discard/", discard_refused, name="data-upload-discard-refused"),
    path("air/data/upload/<str:token>/", shown, name="data-upload-shown"),
    path("air/data/upload/<str:token>/check/", recheck, name="data-upload-check"),
    path("air/data/upload/<str:token>/land/", land, name="data-upload-land"),
    path("air/data/upload/<str:token>/discard/", discard, name="data-upload-discard"),
    path("air/data/upload/<str:token>/bad.csv", bad, name="data-upload-bad"),
    path("air/data/upload/<str:token>/mapping/<int:number>/", mapping, name="data-upload-mapping"),
]
