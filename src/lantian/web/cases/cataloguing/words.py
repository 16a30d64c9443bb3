"""What the catalogue's values are called on pages and in files, and read back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.cases.catalogue import Limit, ProblemType
from lantian.web.cases.catalogue_reading import LEADS
from lantian.web.cases.table import TABLE
from lantian.web.duties import words as duties
from lantian.workdays import UNITS

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "working_hours": ("working_hours", "working hour", "working hours", "工作小时", "工作时"),
    "hours": ("hours", "hour", "h", "小时", "时"),
    "working_days": ("working_days", "working day", "working days", "工作日"),
    "days": ("days", "day", "天", "日", "自然日"),
}
_UNIT_OF = {word: unit for unit, words in _ALIASES.items() for word in words}
_LIMIT = re.compile(r"(\d+)\s*个?\s*(.+)")


def limit_words(limit: Limit) -> str:
    """Return a limit in the language in force, e.g. “5 working days”."""
    said = {
        "working_hours": ngettext("{n} working hour", "{n} working hours", limit.value),
        "hours": ngettext("{n} hour", "{n} hours", limit.value),
        "working_days": ngettext("{n} working day", "{n} working days", limit.value),
        "days": ngettext("{n} day", "{n} days", limit.value),
    }[limit.unit]
    return said.format(n=limit.value)


def read_limit(text: str) -> dict[str, object] | None:
    """Return value and unit of a text such as “5 working days” or “5个工作日”; None: it is none."""
    found = _LIMIT.fullmatch(text.strip().lower())
    if found is None or found[2].strip() not in _UNIT_OF:
        return None
    return {"value": int(found[1]), "unit": _UNIT_OF[found[2].strip()]}


def units() -> list[tuple[str, str]]:
    """Return code and name of each unit of time limits."""
    said = {"working_hours": _("working hours"), "hours": _("hours"),
            "working_days": _("working days"), "days": _("days")}  # fmt: skip
    return [(unit, said[unit]) for unit in UNITS]


def stage_title(stage: str) -> str:
    """Return what a stage of the catalogue is called."""
    return _("look-back") if stage == "look_back" else TABLE.states[stage].title


def severities() -> list[tuple[str, str]]:
    """Return code and name of the severities."""
    return [("general", _("general")), ("serious", _("serious"))]


def media() -> list[tuple[str, str]]:
    """Return code and name of the media."""
    return [("air", _("air")), ("water", _("water")), ("soil", _("soil"))]


def leads() -> list[tuple[str, str]]:
    """Return code and name of the kinds of organisations that can answer."""
    return [(code, duties.kind_word(code)) for code in LEADS]


def count_title(count: str) -> str:
    """Return what a count on a case is called."""
    return {
        "returns": _("returned"), "extensions": _("extended"),
        "failures": _("re-inspection failed"), "reopenings": _("relapsed"),
    }[count]  # fmt: skip


def evidence_words(problem: ProblemType, kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return, by action, what must come with it; ``kinds``: names by code."""
    return [
        (TABLE.actions[action].title,
         _(", ").join(f"{kinds[kind]} × {n}" for kind, n in pieces.items()))
        for action, pieces in problem.evidence.items()
        if pieces
    ]  # fmt: skip
