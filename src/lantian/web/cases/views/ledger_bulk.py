"""One action for several cases of the ledger: looked at, then done to each by itself."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.cases.asked import Asked, asked
from lantian.web.cases.ledger import bulk, table
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.ledger.bulk import Result, Wanted
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach, reach
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE
from lantian.web.core import clock
from lantian.web.core.errors import status_of

_CODE = re.compile(r"(\d{4})-(\d{4,9})")


@needs("cases.bulk")
@require_http_methods(["GET", "POST"])
def several(request: HttpRequest) -> HttpResponse:
    """Show what an action would do to each case; with POST do it, and say what became of each."""
    given = request.POST if request.method == "POST" else request.GET
    action = bulk.action_of(given.get("do", ""))
    mine, acting, now = reach(request), Acting.of(request), clock.now()
    results: list[Result] | None = None
    error: DomainError | None = None
    cases = _chosen(request, mine)
    if request.method == "POST":
        try:
            wanted = Wanted(
                action, reason=given.get("reason", ""), condition="condition" in given,
                outcome=given.get("outcome", ""), target=_target(given.get("target", ""), mine),
            )  # fmt: skip
            _complete(wanted)
        except DomainError as problem:
            error = problem
        else:
            results = bulk.done(cases, wanted, acting, rules(), now)
    rows = [c for c, _version in cases]
    return render(request, "cases/ledger_bulk.html.j2", {
        "action": action, "results": results, "error": error, "given": given,
        "tried": bulk.tried(rows, action, acting) if results is None else [],
        "versions": {c.pk: v for c, v in cases},
        "outcomes": [(o, TABLE.outcomes[o].title) for o in action.outcomes],
        "states": {s.code: s.title for s in TABLE.states.values()},
    }, status=status_of(error) if error else 200)  # fmt: skip


def _chosen(request: HttpRequest, mine: Reach) -> list[tuple[Case, int]]:
    """Return the cases named, each with the version that was seen: in POST, when it was shown."""
    given = request.POST if request.method == "POST" else request.GET
    seen: dict[str, int] = {}
    for text in given.getlist("case"):
        code, _colon, version = text.partition(":")
        seen[code] = int(version) if version.isdecimal() and len(version) < 10 else -1
    if given.get("all") and request.method == "GET":
        narrowed, _problems = asked(request.GET, Asked(sort="-code"))
        seen = {c.code: -1 for c in table.every(mine, narrowed, clock.now())[: bulk.MOST + 1]}
    if not seen or len(seen) > bulk.MOST:
        message = (
            _("Choose the cases first: tick them in the ledger.")
            if not seen
            else _("Choose at most {n} cases at a time; narrow the filter.").format(n=bulk.MOST)
        )
        raise InvalidArgumentError("ledger.cases_not_chosen", message)
    pairs = [one.groups() for code in seen if (one := _CODE.fullmatch(code))]
    years = {int(year) for year, _number in pairs}
    numbers = {int(number) for _year, number in pairs}
    rows = mine.cases().select_related("territory__parent", "source", "lead")
    found = {c.code: c for c in rows.filter(year__in=years, number__in=numbers)}
    return [
        (found[code], found[code].version if version < 0 else version)
        for code, version in seen.items()
        if code in found
    ]


def _target(code: str, mine: Reach) -> Case | None:
    return mine.case(code.strip()) if code.strip() else None


def _complete(wanted: Wanted) -> None:
    """Ask once for what all need, rather than refuse it for each."""
    words = wanted.words()
    asked_for = {
        "reason": _("Say why; all chosen cases get this text."),
        "condition": _("State that the condition is met for each of these cases."),
        "target": _("Name the case that the others are merged into."),
        "outcome": _("Choose the outcome."),
    }
    needs = (*wanted.action.needs, *(("outcome",) if len(wanted.action.outcomes) > 1 else ()))
    missing = [asked_for[n] for n in needs if n not in words]
    if missing:
        raise InvalidArgumentError("ledger.incomplete", missing[0])


urls = [path("cases/ledger/several/", several, name="ledger-several")]
