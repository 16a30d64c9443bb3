"""The pages of documents: written for a case, the register, one document, several at once."""

from __future__ import annotations

import uuid
from typing import Any

import polars as pl
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.accounts.access import access, needs
from lantian.web.cases import converters  # noqa: F401 - registers the kind of address
from lantian.web.cases.case_file import written
from lantian.web.cases.doers import Doer
from lantian.web.cases.doing.doer import posts
from lantian.web.cases.models import Case
from lantian.web.cases.reach import reach
from lantian.web.core import clock
from lantian.web.core.downloads import links, table, wanted
from lantian.web.core.formats import with_query
from lantian.web.documents import actions, content, permits, queries, sending
from lantian.web.documents.forms import AskForm, VoidForm
from lantian.web.documents.kinds import Kind, kind_of, kinds
from lantian.web.documents.models import Document
from lantian.web.documents.paper import Paper

_PAGE = 50  # rows
SEVERAL = 50  # documents in one file, or issued at once: some seconds of work
_KEY = 64  # signs


@needs("documents.see")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Ask for what a document of a case needs; show it before it is issued; issue it."""
    which, case = kind_of(kind), reach(request).case(code)
    try:
        doer = _doer(request, which, case)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("cases:case", case.code)
    now, url = clock.now(), _address(request, case)
    form = AskForm(which, request.POST or None,
                   initial=content.proposed(which, case, actions.of_home()))  # fmt: skip
    wrong = ""
    if request.method == "POST" and form.is_valid():
        typed = {a.code: str(form.cleaned_data[a.code]) for a in which.asks}
        try:
            if "preview" in request.POST:
                draft = actions.drafted(which, case, doer, typed, url=url, now=now)
                return sending.sent(actions.preview(draft, now), _("preview"), "pdf", inline=True)
            key = request.POST.get("key", "")[:_KEY] or uuid.uuid4().hex
            made = actions.issue(which, case, doer, typed, key=key, url=url, now=now)
        except InvalidArgumentError as error:
            wrong = error.message
        else:
            messages.success(request, _("{number} is issued.").format(number=made.code))
            return redirect("documents:document", made.pk)
    before = Document.objects.filter(case=case, kind=which.code, voided_at=None).defer("paper")
    return render(request, "documents/write.html.j2", {
        "kind": which, "case": case, "form": form, "wrong": wrong, "before": list(before),
        "key": request.POST.get("key") or uuid.uuid4().hex, "office": actions.of_home(),
    }, status=400 if request.method == "POST" else 200)  # fmt: skip


@needs("documents.see")
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show the register of the documents of the cases one sees, void ones among them."""
    rows = queries.seen(request)
    kind, year = request.GET.get("kind", ""), request.GET.get("year", "")
    if kind:
        rows = rows.filter(kind=kind_of(kind).code)
    if year.isdecimal():
        rows = rows.filter(year=int(year))
    rows = rows.order_by("-issued_at", "-pk")
    format_ = wanted(request, "csv", "xlsx")
    if format_:
        return table(_frame(list(rows)), _("register of documents"), format_)
    count = rows.count()
    pages = max(1, -(-count // _PAGE))
    asked = request.GET.get("page", "1")
    page = min(max(int(asked) if asked.isdecimal() else 1, 1), pages)
    return render(request, "documents/register.html.j2", {
        "rows": rows[(page - 1) * _PAGE : page * _PAGE], "count": count, "page": page,
        "pages": pages, "kinds": kinds(), "kind": kind, "year": year,
        "years": [(str(y), str(y)) for y in queries.years()],
        "files": links(request, "csv", "xlsx"),
        "link": lambda n: with_query(request.path, {"kind": kind, "year": year, "page": n}),
        "may_issue": permits.ISSUE in access(request),
        "may_rule": "documents.rules" in access(request),
    })  # fmt: skip


@needs("documents.see")
@require_safe
def document(request: HttpRequest, document: int) -> HttpResponse:
    """Show one document: what it says, its files, whether it is void."""
    return _shown(request, queries.one(request, document), VoidForm())


@needs("documents.see")
@require_POST
def void(request: HttpRequest, document: int) -> HttpResponse:
    """Declare a document void, with the reason."""
    found = queries.one(request, document)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, 400)
    doer = _voider(request, found)
    if doer is None:
        raise DomainError(
            "documents.not_yours_to_void",
            _("{number} is declared void by who issued it, or by the office.").format(
                number=found.code
            ),
        )
    actions.void(found, doer, reason=form.cleaned_data["reason"], now=clock.now())
    messages.success(request, _("{number} is void; its number stays taken.").format(
        number=found.code
    ))  # fmt: skip
    return redirect("documents:document", found.pk)


@needs("documents.see")
@require_safe
def file(request: HttpRequest, document: int) -> HttpResponse:
    """Send a document: the PDF that was kept, or DOCX."""
    found = queries.one(request, document)
    format_ = wanted(request, "pdf", "docx") or "pdf"
    made = sending.docx(found) if format_ == "docx" else sending.pdf(found)
    return sending.sent(made, sending.name_of(found), format_)


@needs("documents.see")
@require_safe
def several(request: HttpRequest) -> HttpResponse:
    """Send the documents that were ticked as a ZIP of PDFs, or as one PDF to be printed."""
    format_ = wanted(request, "zip", "pdf") or "zip"
    keys = {int(k) for k in request.GET.getlist("document") if k.isdecimal()}
    if len(keys) > SEVERAL:
        raise InvalidArgumentError(
            "documents.too_many", _("Take {n} documents at a time at most.").format(n=SEVERAL)
        )
    found = list(queries.seen(request).defer(None).filter(pk__in=keys).order_by("issued_at", "pk"))
    if not found:
        raise Http404(_("Tick at least one document."))
    name = _("documents {moment}").format(moment=sending.stamp())
    if format_ == "zip":
        return sending.sent(sending.zipped(found), name, "zip")
    papers = [Paper.from_record(d.paper) for d in found]
    return sending.sent(actions.set_several(papers, found[-1].issued_at), name, "pdf")


@needs("documents.issue")
@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest) -> HttpResponse:
    """Show the dispatched cases whose assignment order is still to go out; issue several."""
    kind = kind_of("assignment_order")
    cases = queries.to_be_ordered(request)
    if request.method == "POST":
        wanted_ = set(request.POST.getlist("case"))
        made, wrong = [], []
        for case in [c for c in cases[:SEVERAL] if c.code in wanted_]:
            try:
                made.append(_order(request, kind, case))
            except DomainError as error:
                wrong.append(error.message)
        for message in wrong:
            messages.error(request, message)
        if made:
            said = ngettext("{n} order is issued.", "{n} orders are issued.", len(made))
            messages.success(request, said.format(n=len(made)))
            return redirect(with_query(reverse("documents:register"), {"kind": kind.code}))
    return render(request, "documents/due.html.j2", {
        "kind": kind, "cases": list(cases[:SEVERAL]), "count": cases.count(), "most": SEVERAL,
    }, status=400 if request.method == "POST" else 200)  # fmt: skip


def _order(request: HttpRequest, kind: Kind, case: Case) -> Document:
    doer = _doer(request, kind, case)
    texts = content.proposed(kind, case, actions.of_home())
    # a second press of the button finds the order of the first
    event = permits.bases(case).of(kind)
    by = "" if event is None or event.event is None else event.event.pk
    void_ = Document.objects.filter(case=case, kind=kind.code).exclude(voided_at=None).count()
    key = f"due-{case.code}-{by}-{void_}"
    return actions.issue(
        kind, case, doer, texts, key=key, url=_address(request, case), now=clock.now()
    )


def _doer(request: HttpRequest, kind: Kind, case: Case) -> Doer:
    basis = permits.bases(case).of(kind)
    if basis is None:
        raise permits.not_yet(kind, case)
    doer = permits.chosen(kind, basis, case, posts(request))
    if doer is None:
        raise permits.refused(kind, case)
    return doer


def _voider(request: HttpRequest, found: Document) -> Doer | None:
    return next((d for d in posts(request) if actions.may_void(found, found.case, d)), None)


def _shown(
    request: HttpRequest, found: Document, form: VoidForm, status: int = 200
) -> HttpResponse:
    return render(request, "documents/document.html.j2", {
        "document": found, "paper": Paper.from_record(found.paper), "form": form,
        "kind": kind_of(found.kind),
        "may_void": found.voided_at is None and _voider(request, found) is not None,
    }, status=status)  # fmt: skip


def _address(request: HttpRequest, case: Case) -> str:
    return request.build_absolute_uri(reverse("cases:case", args=[case.code]))


def _frame(rows: list[Document]) -> pl.DataFrame:
    said: dict[str, list[Any]] = {
        _("Number"): [d.code for d in rows],
        _("Document"): [kind_of(d.kind).short for d in rows],
        _("Case"): [d.case.code for d in rows],
        _("Title"): [d.case.title for d in rows],
        _("Unit concerned"): [d.unit for d in rows],
        _("Issued"): [written(d.issued_at) for d in rows],
        _("Signed off by"): [d.issued_by.name for d in rows],
        _("Void since"): [written(d.voided_at) if d.voided_at else "" for d in rows],
        _("Reason"): [d.void_reason for d in rows],
        "SHA-256": [d.sha256 for d in rows],
    }
    return pl.DataFrame(said, schema=dict.fromkeys(said, pl.String))


urls = [
    path("documents/", register, name="register"),
    path("documents/due/", due, name="due"),
    path("documents/several/", several, name="several"),
    path("documents/<int:document>/", document, name="document"),
    path("documents/<int:document>/file/", file, name="document-file"),
    path("documents/<int:document>/void/", void, name="document-void"),
    path("cases/<case_code:code>/documents/<slug:kind>/", write, name="write"),
]
