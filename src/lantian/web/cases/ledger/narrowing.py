"""What a list is narrowed to that no field of its form shows, in words; each can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lantian.i18n import gettext as _
from lantian.reports.words import joined
from lantian.web.cases.asked import OPEN, Asked
from lantian.web.cases.ledger.cells import severity_title
from lantian.web.cases.table import TABLE
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS


def beyond_the_form(asked: Asked) -> list[tuple[str, str]]:
    """Return the name of each such filter, and what it says."""
    found = [
        (name, told(value))
        for name, told in _TOLD.items()
        if isinstance(value := getattr(asked, name), str) and value
    ]
    if len(asked.state) > 1:  # the field of the form holds one
        found.append(("state", joined([TABLE.states[s].title for s in asked.state])))
    return found


def _unit(code: str) -> str:
    unit = Organisation.objects.filter(code=code).first()
    return _("{unit} takes part").format(unit=code if unit is None else unit.name)


def _late(flag: str) -> str:
    return _("a stage was late") if flag == OPEN else _("no stage was late")


def _lead_late(flag: str) -> str:
    if flag == OPEN:
        return _("late in the unit’s own stages")
    return _("in time in the unit’s own stages")


_TOLD: Mapping[str, Callable[[str], str]] = {
    "unit": _unit,
    "sector": lambda code: SECTORS[code].title,
    "severity": severity_title,
    "source": lambda number: _("source {number}").format(number=number),
    "outcome": lambda code: TABLE.outcomes[code].title,
    "ended_since": lambda day: _("ended from {day} on").format(day=day),
    "ended_until": lambda day: _("ended by {day}").format(day=day),
    "late": _late,
    "lead_late": _lead_late,
    "overdue_on": lambda day: _("overdue at the end of {day}").format(day=day),
}
