"""The open cases on the map, with their list beside it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.web.accounts.access import needs
from lantian.web.air.queries import boundaries
from lantian.web.cases import case_map, counting
from lantian.web.cases.asked import OPEN, asked
from lantian.web.cases.counting import choices
from lantian.web.cases.reach import reach
from lantian.web.cases.rows import rows_of
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.views.board import labels, pages
from lantian.web.core import clock
from lantian.web.core.pieces import piece
from lantian.web.places import queries as places

PAGE = 25
_HEAVY = ("description", "responsibility", "territory__boundary", "source__boundary")


@needs("cases.see")
@require_safe
def cases_map(request: HttpRequest) -> HttpResponse:
    """Show the open cases a person sees and asks for."""
    narrowed, problems = asked(request.GET)
    mine = reach(request)
    now = counting.to_the_minute(clock.now())
    cases = narrowed.but(open=OPEN).narrowed(mine.cases(), now).order_by()
    total = cases.count()
    last = max(1, -(-total // PAGE))
    page = min(_number(request.GET.get("page")), last)
    first = (page - 1) * PAGE
    listed = narrowed.ordered(cases).defer(*_HEAVY)[first : first + PAGE]

    def make() -> str:
        shown = case_map.marks(cases.select_related(None), now)
        return case_map.case_map(shown, boundaries.areas(), case_map.map_label(len(shown)))

    drawn = piece(
        "cases-map", str(counting.mark()), now, narrowed, mine.key, places.mark(), make=make
    )
    return render(request, "cases/map.html.j2", {
        "map": drawn, "asked": narrowed, "problems": problems, "rows": rows_of(listed, now),
        "total": total, "page": page, "pages": last, "now": now,
        "link": lambda n: narrowed.link(request.path, page=n if n > 1 else None),
        "without": case_map.without_place(cases.select_related(None)),
        "linked": case_map.LINKED, "labels": labels(), "alike": pages(narrowed, "map"),
        "options": choices(rules().in_force(now.date()), now.date()),
        "signs": [(c, case_map.sign(c, 8, 8, 5.5)) for c in reversed(case_map.ORDER)],
    })  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 and int(text) else 1


urls = [path("cases/map/", cases_map, name="map")]
