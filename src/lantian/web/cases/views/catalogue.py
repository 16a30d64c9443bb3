"""The catalogue of problem types: its versions, one type, the next version, the ladder."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import BadInputError, DomainError, InvalidArgumentError
from lantian.home.layout import Home
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.accounts.roles import ROLES
from lantian.web.audit.actors import of_request
from lantian.web.cases import catalogue_versions, ladder
from lantian.web.cases.catalogue import STAGES, Catalogue, ProblemType, in_force
from lantian.web.cases.catalogue_reading import parse
from lantian.web.cases.cataloguing import sheets, words
from lantian.web.cases.cataloguing.forms import ProblemForm, VersionForm, WorkbookForm, initial
from lantian.web.cases.cataloguing.versions import (
    Changes,
    base,
    differences,
    drop,
    editable,
    record_of,
    write,
)
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.core.formats import with_query
from lantian.web.duties import words as duties
from lantian.web.duties.sheets import Row
from lantian.web.duties.sheets import read as read_table

_MANAGE = "cases.rules"
_SALT = "lantian.cases.catalogue"
_PATIENCE = 3600  # s between looking and taking
_LONGEST = 80  # characters of a search
SHARES = 100  # percent


def _home() -> Home:
    home: Home = settings.HOME
    return home


@needs("cases.see")
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the problem types of a version, as a page or as a workbook; and the ladder."""
    known = catalogue_versions.versions(_home().path)
    now = in_force(known, clock.today())
    shown = _version(known, request.GET.get("version"), now)
    if wanted(request, "xlsx") is not None:
        title = _("problem types {version}").format(version=shown.version)
        return blob(sheets.xlsx(shown), title, "xlsx")
    q = request.GET.get("q", "").strip()[:_LONGEST]
    sector = request.GET.get("sector", "")
    rows = [t for t in shown.fitting(sector) if _fits(t, q)]
    coming = editable(_home())
    return render(request, "cases/catalogue.html.j2", {
        "shown": shown, "holding": now, "coming": coming, "rows": rows, "q": q, "sector": sector,
        "sectors": [s for s in duties.sectors() if any(t.sector == s[0] for t in _all(shown))],
        "versions": [(c.version, _named(c, now, coming)) for c in known],
        "changes": _changes(known, coming), "files": links(request, "xlsx"), "say": words,
        "duties": duties, "stages": [(s, words.stage_title(s)) for s in STAGES],
        "may": _MANAGE in access(request), "rungs": _rungs(), "link": _link(request),
        "errors": catalogue_versions.errors(_home().path) if _MANAGE in access(request) else [],
    })  # fmt: skip


def _all(shown: Catalogue) -> list[ProblemType]:
    return list(shown.types.values())


def _fits(problem: ProblemType, text: str) -> bool:
    said = (problem.zh, problem.en, problem.code, problem.unit_zh, problem.unit_en)
    return not text or any(text.lower() in one.lower() for one in said)


def _link(request: HttpRequest) -> Any:  # noqa: ANN401 - a function for the template
    def link(code: str) -> str:
        version = request.GET.get("version")
        return with_query(reverse("cases:problem", args=[code]), {"version": version})

    return link


def _version(known: tuple[Catalogue, ...], asked: str | None, now: Catalogue) -> Catalogue:
    if not asked:
        return now
    found = next((c for c in known if c.version == asked), None)
    if found is None:
        raise Http404(_("There is no version {version}.").format(version=asked))
    return found


def _named(one: Catalogue, now: Catalogue, coming: Catalogue | None) -> str:
    since = one.valid_from.isoformat()
    if one.version == now.version:
        return _("{version}, in force since {day}").format(version=one.version, day=since)
    if coming is not None and one.version == coming.version:
        return _("{version}, in force from {day}").format(version=one.version, day=since)
    return _("{version}, of {day}").format(version=one.version, day=since)


def _changes(known: tuple[Catalogue, ...], coming: Catalogue | None) -> Changes | None:
    """Return what the version that may be changed says differently from the one before it."""
    if coming is None:
        return None
    before = [c for c in known if c.version != coming.version]
    return differences(in_force(before, coming.valid_from), coming) if before else None


def _rungs() -> list[Mapping[str, Any]]:
    """Return the ladder of escalation as the page shows it."""
    return [
        {"title": rung.title, "share": f"{float(rung.share * SHARES):.0f} %",
         "serious": f"{float(rung.serious_share * SHARES):.0f} %",
         "counts": _(", ").join(
             f"{words.count_title(c)} ≥ {n}" for c, n in rung.counts.items()
         ),
         "signed": _("the program") if rung.signed_by == ladder.SYSTEM
         else ROLES[rung.signed_by].title,
         "answer": words.limit_words(rung.answer) if rung.answer else "—"}
        for rung in ladder.load(_home().path).rungs
    ]  # fmt: skip


@needs("cases.see")
@require_safe
def problem(request: HttpRequest, problem: str) -> HttpResponse:
    """Show one problem type of a version."""
    known = catalogue_versions.versions(_home().path)
    shown = _version(known, request.GET.get("version"), in_force(known, clock.today()))
    if problem not in shown.types:
        raise Http404(_("There is no problem type {code}.").format(code=problem))
    found = shown.types[problem]
    kinds = {k.code: k.title for k in shown.evidence_kinds.values()}
    return render(request, "cases/problem.html.j2", {
        "problem": found, "shown": shown, "say": words, "duties": duties,
        "limits": [(words.stage_title(s), words.limit_words(found.limits[s])) for s in STAGES],
        "evidence": words.evidence_words(found, kinds), "may": _MANAGE in access(request),
    })  # fmt: skip


@needs("cases.rules")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, problem: str) -> HttpResponse:
    """Change a problem type in the next version."""
    start = base(_home(), clock.today())
    if problem not in start.types:
        raise Http404(_("There is no problem type {code}.").format(code=problem))
    return _form(request, start, start.types[problem])


@needs("cases.rules")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a problem type to the next version."""
    return _form(request, base(_home(), clock.today()), None)


def _form(request: HttpRequest, start: Catalogue, old: ProblemType | None) -> HttpResponse:
    given = {**_next(start), **({} if old is None else initial(old))}
    form = ProblemForm(request.POST or None, catalogue=start, initial=given)
    form.fields["code"].disabled = old is not None
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if old is None and code in start.types:
            form.add_error("code", _("There is such a problem type already."))
        else:
            types = {**record_of(start)["types"], code: form.said()}
            if _written(request, form, start, types):
                return redirect(with_query(
                    reverse("cases:problem", args=[code]), {"version": form.cleaned_data["version"]}
                ))  # fmt: skip
    return render(request, "cases/problem_form.html.j2", {
        "form": form, "problem": old, "coming": editable(_home()), "start": start,
        "kinds": [k.title for k in start.evidence_kinds.values()],
    }, status=400 if form.errors else 200)  # fmt: skip


@needs("cases.rules")
@require_http_methods(["GET", "POST"])
def leave_out(request: HttpRequest, problem: str) -> HttpResponse:
    """Leave a problem type out of the next version."""
    start = base(_home(), clock.today())
    if problem not in start.types:
        raise Http404(_("There is no problem type {code}.").format(code=problem))
    form = VersionForm(request.POST or None, initial=_next(start))
    if request.method == "POST" and form.is_valid():
        types = {k: v for k, v in record_of(start)["types"].items() if k != problem}
        if _written(request, form, start, types):
            version = form.cleaned_data["version"]
            return redirect(with_query(reverse("cases:catalogue"), {"version": version}))
    return render(request, "cases/problem_leave.html.j2", {
        "form": form, "problem": start.types[problem],
    }, status=400 if form.errors else 200)  # fmt: skip


def _next(start: Catalogue) -> dict[str, object]:
    """Return name and day for the next version: those it has, or a proposal."""
    today = clock.today()
    coming = editable(_home())
    if coming is not None and coming.version == start.version:
        return {"version": start.version, "valid_from": start.valid_from}
    taken = {c.version for c in catalogue_versions.versions(_home().path)}
    names = (f"{today.year}-{n}" for n in range(1, len(taken) + 2))
    return {"version": next(n for n in names if n not in taken),
            "valid_from": today + timedelta(days=1)}  # fmt: skip


def _written(
    request: HttpRequest, form: VersionForm, start: Catalogue, types: Mapping[str, Any]
) -> bool:
    """Write the next version; say in the form what is wrong."""
    given = form.cleaned_data
    table = {**record_of(start), "version": given["version"], "valid_from": given["valid_from"],
             "types": types}  # fmt: skip
    try:
        done = write(of_request(request), _home(), table, today=clock.today())
    except BadInputError as error:
        for wrong in error.problems:
            _add(form, wrong.column or "", wrong.message)
        return False
    except InvalidArgumentError as error:
        form.add_error("version", error.message)
        return False
    messages.success(
        request,
        _("Version {version} is written; cases are opened under it from {day}.").format(
            version=done.version, day=done.valid_from.isoformat()
        ),
    )
    return True


def _add(form: VersionForm, at: str, said: str) -> None:
    parts = at.split(".")
    names = [parts[0], parts[2] if len(parts) > 2 else ""]
    if len(parts) > 3 and parts[2] == "limits":
        names.append(f"limit_{parts[3]}")
    name = next((n for n in reversed(names) if n in form.fields), None)
    form.add_error(name, said if name else f"{at}: {said}")


@needs("cases.rules")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Read a workbook as the whole next version, say what it changes, and write it."""
    start = base(_home(), clock.today())
    if request.method == "POST" and "kept" in request.POST:
        return _take(request)
    form = WorkbookForm(request.POST or None, request.FILES or None, initial=_next(start))
    context: dict[str, Any] = {"form": form, "trial": None, "error": None, "start": start}
    if request.method == "POST" and form.is_valid():
        try:
            context |= _look(form, start)
        except (BadInputError, InvalidArgumentError) as error:
            context["error"] = error
    wrong = context["error"] or form.errors
    return render(request, "cases/catalogue_import.html.j2", context, status=400 if wrong else 200)


def _look(form: WorkbookForm, start: Catalogue) -> dict[str, Any]:
    given = form.cleaned_data
    upload: UploadedFile = given["file"]
    file = Path(upload.name or "").name[-120:]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / f"table{Path(file).suffix.lower()[:8]}"
        with kept.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        rows = read_table(kept, sheets.HEADERS, sheets.NEEDED, file)
    table = sheets.read(rows, file, start, given["version"], given["valid_from"])
    trial = differences(start, _parsed(table, file, rows))
    day: date = table["valid_from"]
    payload = {"table": {**table, "valid_from": day.isoformat()}, "from": start.digest}
    return {"trial": trial, "file": file, "lines": len(rows),
            "kept": signing.dumps(payload, salt=_SALT, compress=True)}  # fmt: skip


def _parsed(table: Mapping[str, Any], file: str, rows: list[Row]) -> Catalogue:
    try:
        return parse(table, file)
    except BadInputError as error:
        where = tuple(sheets.located(p, rows) for p in error.problems)
        raise BadInputError(error.code, error.message, where) from error


def _take(request: HttpRequest) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["kept"], salt=_SALT, max_age=_PATIENCE)
    except signing.BadSignature as error:
        raise InvalidArgumentError(
            "duties.import_expired", _("Look at the file again: the look at it is too old.")
        ) from error
    if kept["from"] != base(_home(), clock.today()).digest:
        raise InvalidArgumentError(
            "store.not_as_shown",
            _("This has changed since it was shown. Nothing was changed; look again."),
        )
    table = {**kept["table"], "valid_from": date.fromisoformat(kept["table"]["valid_from"])}
    done = write(of_request(request), _home(), table, today=clock.today())
    messages.success(
        request,
        _("Version {version} is written; cases are opened under it from {day}.").format(
            version=done.version, day=done.valid_from.isoformat()
        ),
    )
    return redirect(with_query(reverse("cases:catalogue"), {"version": done.version}))


@needs("cases.rules")
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Take back the version that may still be changed."""
    version = request.POST.get("version", "")
    try:
        drop(of_request(request), _home(), version)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Version {version} is taken back.").format(version=version))
    return redirect("cases:catalogue")


urls = [
    path("cases/catalogue/", catalogue, name="catalogue"),
    path("cases/catalogue/new/", new, name="problem-new"),
    path("cases/catalogue/import/", take_in, name="catalogue-import"),
    path("cases/catalogue/take-back/", take_back, name="catalogue-take-back"),
    path("cases/catalogue/<slug:problem>/", problem, name="problem"),
    path("cases/catalogue/<slug:problem>/change/", change, name="problem-change"),
    path("cases/catalogue/<slug:problem>/leave-out/", leave_out, name="problem-leave-out"),
]
