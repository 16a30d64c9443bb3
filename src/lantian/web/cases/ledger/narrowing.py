"""What a list is narrowed to that no field of its form shows, in words; each can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.models import QuerySet

from lantian.i18n import gettext as _
from lantian.reports.words import joined
from lantian.web.cases.asked import OPEN, Asked
from lantian.web.cases.ledger.cells import severity_title
from lantian.web.cases.models import Case, CaseParty
from lantian.web.cases.table import TABLE
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS


def beyond_the_form(asked: Asked, seen: QuerySet[Case]) -> list[tuple[str, str]]:
    """Return the name of each such filter, and what it says.

    Parameters
    ----------
    seen
        The cases the person sees: a unit that takes part in none of them is not named.
    """
    found = [
        (name, told(value))
        for name, told in _TOLD.items()
        if isinstance(value := getattr(asked, name), str) and value
    ]
    if asked.unit:
        found.insert(0, ("unit", _unit(asked.unit, seen)))
    if len(asked.state) > 1:  # the field of the form holds one
        found.append(("state", joined([TABLE.states[s].title for s in asked.state])))
    return found


def _unit(code: str, seen: QuerySet[Case]) -> str:
    part = CaseParty.objects.filter(case__in=seen.order_by().values("pk"))
    known = Organisation.objects.filter(pk__in=part.values("organisation"))
    unit = known.filter(code=code).first()
    return _("{unit} takes part").format(unit=code if unit is None else unit.name)


def _late(flag: str) -> str:
    return _("a stage was late") if flag == OPEN else _("no stage was late")


def _lead_late(flag: str) -> str:
    if flag == OPEN:
        return _("late in the unit’s own stages")
    return _("in time in the unit’s own stages")


_TOLD: Mapping[str, Callable[[str], str]] = {
    "sector": lambda code: SECTORS[code].title,
    "severity": severity_title,
    "source": lambda number: _("source {number}").format(number=number),
    "outcome": lambda code: TABLE.outcomes[code].title,
    "ended_since": lambda day: _("ended from {day} on").format(day=day),
    "ended_until": lambda day: _("ended by {day}").format(day=day),
    "late": _late,
    "lead_late": _lead_late,
    "force": lambda number: _("in the scope of task force {number}").format(number=number),
    "deed": lambda action: _("it happened: {action}").format(action=TABLE.actions[action].title),
    "deed_since": lambda day: _("that from {day} on").format(day=day),
    "deed_until": lambda day: _("that by {day}").format(day=day),
    "overdue_on": lambda day: _("overdue at the end of {day}").format(day=day),
}
