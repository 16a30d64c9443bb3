"""The organisations: list, one, new, change, end, import."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.accounts.queries import as_post
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.duties import actions, queries, sheets, words
from lantian.web.duties.forms import EndForm, NewOrganisationForm, OrganisationForm
from lantian.web.duties.models import Kind, Organisation
from lantian.web.duties.queries import PAGE, STATES, OrganisationFilter, RuleFilter
from lantian.web.duties.views.shared import Table, link_of, number, one_of, take_in
from lantian.web.places.models import Territory

_FIELD_OF = {
    "duties.no_name": "name", "duties.name_taken": "name", "duties.own_parent": "parent",
    "duties.credit_code_taken": "credit_code", "sources.bad_credit_code": "credit_code",
}  # fmt: skip


@needs("duties.see")
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """List organisations, as a page or as a workbook."""
    chosen, day = _filter(request), clock.today()
    found = queries.organisations(chosen, day)
    if wanted(request, "xlsx") is not None:
        return blob(sheets.organisations_xlsx(found), _("organisations"), "xlsx")
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, number(request.GET.get("page")) or 1), pages)
    shown = list(found[(page - 1) * PAGE : page * PAGE])
    return render(request, "duties/organisations.html.j2", {
        "organisations": shown, "posts": queries.posts_by_unit(shown, day), "total": total,
        "page": page, "pages": pages, "link": link_of(request), "chosen": chosen,
        "files": links(request, "xlsx"), "kinds": words.kinds(), "states": STATES, "say": words,
        "territories": list(Territory.objects.order_by("code").values_list("pk", "name")),
    })  # fmt: skip


def _filter(request: HttpRequest) -> OrganisationFilter:
    get = request.GET.get
    return OrganisationFilter(
        text=get("q", "").strip()[:80],
        kind=one_of(get("kind", ""), Kind.values),
        territory=number(get("territory")),
        state=one_of(get("state", ""), STATES, "now"),
    )


@needs("duties.manage")
@require_http_methods(["GET", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Enter an organisation."""
    form = NewOrganisationForm(request.POST or None, initial={"valid_from": clock.today()})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        first = given.pop("valid_from")
        try:
            made = actions.make_organisation(
                of_request(request), actions.Facts(**given), valid_from=first
            )
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            messages.success(request, _("{name} is entered.").format(name=made.name))
            return redirect("duties:organisation", made.code)
    return render(request, "duties/organisation_new.html.j2", {"form": form})


@needs("duties.see")
@require_GET
def organisation(request: HttpRequest, organisation: str) -> HttpResponse:
    """Show one organisation: its posts, and the rules that name it."""
    return _page(request, organisation)


@needs("duties.manage")
@require_POST
def organisation_change(request: HttpRequest, organisation: str) -> HttpResponse:
    """Change what is kept of an organisation."""
    row, form = _one(organisation), OrganisationForm(request.POST)
    if form.is_valid():
        try:
            changed = actions.change_organisation(
                of_request(request), row, actions.Facts(**form.cleaned_data)
            )
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            if changed:
                messages.success(request, _("Saved."))
            return redirect("duties:organisation", organisation)
    return _page(request, organisation, form=form, status=400)


@needs("duties.manage")
@require_POST
def organisation_end(request: HttpRequest, organisation: str) -> HttpResponse:
    """End an organisation after a day."""
    row, form = _one(organisation), EndForm(request.POST)
    if not form.is_valid():
        return _page(request, organisation, end=form, status=400)
    try:
        actions.end_organisation(of_request(request), row, form.cleaned_data["last_day"])
    except DomainError as error:
        form.add_error("last_day", error.message)
        return _page(request, organisation, end=form, status=400)
    messages.success(request, _("{name} is ended.").format(name=row.name))
    return redirect("duties:organisation", organisation)


ORGANISATIONS = Table(
    salt="lantian.duties.organisations",
    headers=sheets.ORGANISATIONS,
    needed=("name", "kind"),
    take=actions.import_organisations,
    back="duties:organisations",
    title=lambda: _("Import organisations"),
    note=lambda: _(
        "A row with a code changes that organisation; a row without one is a new one and gets its "
        "code. A last day ends an organisation. Those that the file does not name stay."
    ),
)


@needs("duties.manage")
@require_http_methods(["GET", "POST"])
def organisations_import(request: HttpRequest) -> HttpResponse:
    """Take in organisations from a table."""
    return take_in(request, ORGANISATIONS)


def _one(code: str) -> Organisation:
    rows = Organisation.objects.select_related("territory", "parent")
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    code: str,
    *,
    form: OrganisationForm | None = None,
    end: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row, day = _one(code), clock.today()
    initial = {k: getattr(row, k) for k in ("name", "kind", "territory", "sector", "parent",
                                            "credit_code")}  # fmt: skip
    return render(request, "duties/organisation.html.j2", {
        "unit": row, "form": form or OrganisationForm(initial=initial), "say": words,
        "end": end or EndForm(initial={"last_day": max(day, row.valid_from)}),
        "posts": [as_post(p, day) for p in queries.posts_of(row, day)],
        "rules": list(queries.rules(RuleFilter(unit=row.pk), day)),
    }, status=status)  # fmt: skip
