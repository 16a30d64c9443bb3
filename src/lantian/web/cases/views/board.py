"""The dispatcher's board: stages with their most urgent cases, by place and by unit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.air.queries.wall import wall_of
from lantian.web.cases import counting
from lantian.web.cases.asked import Asked, asked
from lantian.web.cases.board import board_of, frame
from lantian.web.cases.counting import choices
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.core.downloads import links, table, wanted
from lantian.web.core.pieces import piece
from lantian.web.duties.rota import on_duty
from lantian.web.places import queries as places

FILTERS = ("territory", "lead", "colour", "channel", "problem", "medium", "year")


@needs("cases.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the open cases a person sees by stage, or the tables as a file."""
    narrowed, problems = asked(request.GET)
    mine = reach(request)
    now = counting.to_the_minute(clock.now())
    format_ = wanted(request, "xlsx", "csv")
    if format_:
        return table(frame(board_of(mine, narrowed, now)), _("board"), format_)
    screen = wall_of(request)

    def make() -> str:
        if not narrowed.changed and not mine.cases().exists():
            return render_to_string("cases/board_empty.html.j2", {
                "may_take_in": "cases.take_in" in access(request),
            })  # fmt: skip
        return render_to_string("cases/board_body.html.j2", {
            "board": board_of(mine, narrowed, now), "now": now,
        })  # fmt: skip

    content = piece(
        "board", str(counting.mark()), now, narrowed, mine.key, places.mark(),
        "cases.take_in" in access(request), make=make,
    )  # fmt: skip
    return render(request, "cases/board.html.j2", {
        "content": content, "asked": narrowed, "problems": problems, "screen": screen,
        "options": {} if screen else choices(rules().in_force(now.date()), now.date()),
        "labels": labels(), "files": links(request, "xlsx", "csv"), "shown_at": now,
        "may_take_in": "cases.take_in" in access(request), "pages": pages(narrowed, "board"),
        "on_duty": on_duty(clock.now()) if "duties.see" in access(request) else [],
    })  # fmt: skip


def labels() -> dict[str, str]:
    """Return what the filters are called."""
    return {
        "territory": _("Territory"), "lead": _("Unit"), "colour": _("Clock"),
        "channel": _("Channel"), "problem": _("Problem type"), "medium": _("Medium"),
        "year": _("Year"),
    }  # fmt: skip


def pages(narrowed: Asked, here: str) -> list[tuple[str, str, bool]]:
    """Return the pages that show the same cases otherwise, for the macro ``seg``."""
    named = (("board", _("Board")), ("ledger", _("Ledger")), ("map", _("Map")))
    return [(narrowed.link(reverse(f"cases:{n}")), title, n == here) for n, title in named]


urls = [path("cases/", board, name="board")]
