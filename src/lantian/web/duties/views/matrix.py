"""The responsibility matrix: its rules, one rule, who answers for something, gaps and overlaps."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.duties import actions, queries, sheets, words
from lantian.web.duties.actions.rules import draft_of
from lantian.web.duties.forms import EndForm, RuleForm, WhoForm
from lantian.web.duties.models import Organisation, Rule
from lantian.web.duties.queries import PAGE, STATES, RuleFilter
from lantian.web.duties.resolving import resolve
from lantian.web.duties.responsibility import Responsibility
from lantian.web.duties.sectors import SECTORS
from lantian.web.duties.views.shared import Table, link_of, number, one_of, take_in
from lantian.web.places.models import Territory

SHOWN = 200  # gaps and overlaps of a page


@needs("duties.see")
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """List the rules of the matrix, as a page or as a workbook."""
    chosen = _filter(request)
    found = queries.rules(chosen, clock.today())
    if wanted(request, "xlsx") is not None:
        return blob(sheets.rules_xlsx(found), _("responsibility matrix"), "xlsx")
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, number(request.GET.get("page")) or 1), pages)
    return render(request, "duties/matrix.html.j2", {
        "rules": list(found[(page - 1) * PAGE : page * PAGE]), "total": total, "page": page,
        "pages": pages, "link": link_of(request), "files": links(request, "xlsx"),
        "chosen": chosen, "states": STATES, "last_day": queries.last_day, "say": words,
        "territories": list(Territory.objects.order_by("code").values_list("pk", "name")),
        "units": list(Organisation.objects.filter(valid_to=None).values_list("pk", "name")),
        "sectors": words.sectors(), "source_kinds": words.source_kinds(), "who": WhoForm(),
        "roles": words.role_words(), "unfiltered": RuleFilter(),
    })  # fmt: skip


def _filter(request: HttpRequest) -> RuleFilter:
    get = request.GET.get
    return RuleFilter(
        text=get("q", "").strip()[:80],
        territory=number(get("territory")),
        sector=one_of(get("sector", ""), list(SECTORS)),
        source_kind=one_of(get("kind", ""), [code for code, _title in words.source_kinds()]),
        unit=number(get("unit")),
        state=one_of(get("state", ""), STATES, "now"),
    )


@needs("duties.see")
@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """Say who answers for a problem, and why."""
    asked = bool(request.GET)
    form = WhoForm(request.GET if asked else None, initial={"on": clock.today()})
    found: Responsibility | None = None
    error: DomainError | None = None
    if asked and form.is_valid():
        given = form.cleaned_data
        try:
            found = resolve(
                territory=given["territory"], sector=given["sector"],
                source_kind=given["source_kind"], problem_type=given["problem_type"],
                source=None, on=given["on"] or clock.today(),
            )  # fmt: skip
        except DomainError as problem:
            error = problem
    numbered = found.rule.rsplit("-v", 1)[0] if found is not None else ""
    return render(request, "duties/who.html.j2", {
        "form": form, "found": found, "error": error, "number": numbered,
        "roles": words.role_words(), "codes": _codes(found),
    })  # fmt: skip


def _codes(found: Responsibility | None) -> dict[int, str]:
    """Return the codes of the units that were found, by id, for links to them."""
    units = [p.organisation for p in found.parties()] if found is not None else []
    return dict(Organisation.objects.filter(pk__in=units).values_list("pk", "code"))


@needs("duties.see")
@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """List where the matrix says nothing, says two things, or counts on posts nobody holds."""
    found = queries.examine(clock.today())
    return render(request, "duties/gaps.html.j2", {
        "found": found, "say": words, "sectors": SECTORS, "shown": SHOWN,
    })  # fmt: skip


@needs("duties.manage")
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """Make a rule."""
    day = clock.today()
    keys = ("territory", "sector", "source_kind")
    given = {k: request.GET[k] for k in keys if k in request.GET}
    form = RuleForm(request.POST or None, initial={"valid_from": day, **given})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_rule(
                of_request(request), _draft(form), valid_from=form.cleaned_data["valid_from"],
                today=day,
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("{rule} is made.").format(rule=made.number))
            return redirect("duties:rule", made.number)
    return render(request, "duties/rule_new.html.j2", {"form": form})


@needs("duties.see")
@require_GET
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    """Show a rule with all its versions, and what may be done with it."""
    return _rule_page(request, rule)


@needs("duties.manage")
@require_POST
def rule_follow(request: HttpRequest, rule: str) -> HttpResponse:
    """Let a new version of a rule hold."""
    row, day = _last(rule), clock.today()
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            made = actions.follow_rule(
                of_request(request), row, _draft(form),
                valid_from=form.cleaned_data["valid_from"], today=day,
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            if made.pk == row.pk:
                messages.info(request, _("That is what the rule says already."))
            else:
                messages.success(request, _("{rule} is made.").format(rule=made))
            return redirect("duties:rule", rule)
    return _rule_page(request, rule, form=form, status=400)


@needs("duties.manage")
@require_POST
def rule_end(request: HttpRequest, rule: str) -> HttpResponse:
    """End a rule after a day."""
    row, form = _last(rule), EndForm(request.POST)
    if not form.is_valid():
        return _rule_page(request, rule, end=form, status=400)
    after = form.cleaned_data["last_day"] + timedelta(days=1)
    try:
        actions.end_rule(of_request(request), row, ended_on=after, today=clock.today())
    except DomainError as error:
        form.add_error("last_day", error.message)
        return _rule_page(request, rule, end=form, status=400)
    messages.success(request, _("{rule} is ended.").format(rule=rule))
    return redirect("duties:rule", rule)


RULES = Table(
    salt="lantian.duties.rules",
    headers=sheets.RULES,
    needed=("lead", "reason"),
    take=actions.import_rules,
    back="duties:matrix",
    title=lambda: _("Import the matrix"),
    note=lambda: _(
        "A row with a number changes that rule: it ends, and a new version follows it. A row "
        "without one is a new rule. A last day ends a rule. Rules that the file does not name stay."
    ),
)


@needs("duties.manage")
@require_http_methods(["GET", "POST"])
def rules_import(request: HttpRequest) -> HttpResponse:
    """Take in rules from a table."""
    return take_in(request, RULES)


def _last(name: str) -> Rule:
    rows = Rule.objects.select_related("territory", "lead", "industry", "leader_of")
    found = rows.filter(number=name).order_by("-version").first()
    if found is None:
        raise Http404
    return found


def _draft(form: RuleForm) -> actions.Draft:
    given = {k: v for k, v in form.cleaned_data.items() if k not in ("valid_from", "supporting")}
    return actions.Draft(supporting=tuple(form.cleaned_data["supporting"]), **given)


def _rule_page(
    request: HttpRequest,
    name: str,
    *,
    form: RuleForm | None = None,
    end: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row, day = _last(name), clock.today()
    earliest = max(day, row.valid_from)
    now = draft_of(row)
    initial = {**vars(now), "supporting": list(now.supporting), "valid_from": earliest}
    named = ("territory", "lead", "industry", "leader_of")
    versions = Rule.objects.filter(number=name).select_related(*named).order_by("-version")
    return render(request, "duties/rule.html.j2", {
        "rule": row, "versions": versions.prefetch_related("helpers__organisation"), "today": day,
        "form": form or RuleForm(initial=initial), "last_day": queries.last_day, "say": words,
        "end": end or EndForm(initial={"last_day": earliest}), "roles": words.role_words(),
    }, status=status)  # fmt: skip
