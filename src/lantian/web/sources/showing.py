"""What pages say of a source: its row, its facts, its changes, in the language in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import reverse
from shapely.geometry import shape

from lantian.i18n import gettext as _
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.sources.exporting import contacts_text, shown, stacks_text
from lantian.web.sources.figure import Mark
from lantian.web.sources.kinds import GRADES, KINDS, Kind
from lantian.web.sources.models import Change, Source, Status
from lantian.web.sources.words import ATTRIBUTE, label, status_word

_MARKED = ("name", "lon", "lat", "kind", "status", "number", "boundary")
_KEY_FACTS = 2  # required attributes a row names


@dataclass(frozen=True)
class Row:
    """A source as the list shows it."""

    source: Source
    kind: Kind
    facts: str


@dataclass(frozen=True)
class Step:
    """One line of a history: what was done, and each field before and after."""

    at: datetime
    actor: str
    what: str
    reason: str
    fields: Sequence[tuple[str, str, str]]


def row_of(source: Source) -> Row:
    """Return a source with the first attributes its kind requires, in words."""
    kind = KINDS[source.kind]
    told = [
        f"{a.title} {_with_unit(source, kind, a.code)}"
        for a in kind.attributes
        if a.required and a.code in source.attributes
    ]
    return Row(source, kind, _("; ").join(told[:_KEY_FACTS]))


def marks(sources: QuerySet[Source]) -> list[Mark]:
    """Return the sources that have a place, as a map shows them.

    Thousands are read as plain columns, and their words and addresses made once for all alike:
    as objects of the model they would cost seconds.
    """
    rows = sources.filter(lon__isnull=False, lat__isnull=False).select_related(None)
    told = {(k, s): f"{kind.title} · {status_word(s)}"
            for k, kind in KINDS.items() for s in Status.values}  # fmt: skip
    number = "0"  # stands for each
    before, after = reverse("sources:source", args=[number]).rsplit(number, 1)
    return [
        Mark(r.name, r.lon, r.lat, KINDS[r.kind].sign, told[r.kind, r.status], r.status,
             f"{before}{quote(r.number)}{after}", shape(r.boundary) if r.boundary else None)
        for r in rows.values_list(*_MARKED, named=True)
    ]  # fmt: skip


def facts(source: Source, kind: Kind) -> list[tuple[str, str]]:
    """Return label and text of everything that is known, its kind's attributes last."""
    plain = [
        ("sector", SECTORS[source.sector].title),
        ("organisation", source.organisation.name if source.organisation else ""),
        ("address", source.address),
        ("credit_code", source.credit_code),
        ("permit_number", source.permit_number),
        ("grade", GRADES[source.grade].title if source.grade else ""),
        ("working_hours", source.working_hours),
        ("approval_number", source.approval_number),
        ("approved_on", source.approved_on.isoformat() if source.approved_on else ""),
    ]
    found = [(label(f), text) for f, text in plain if text]
    return found + [
        (a.title, _with_unit(source, kind, a.code))
        for a in kind.attributes
        if a.code in source.attributes
    ]


def measures(source: Source, kind: Kind) -> list[tuple[str, str | None]]:
    """Return each measure required before ground is broken, and the day it was in place."""
    return [(w.title, source.measures[w.code]) for w in kind.measures if w.code in source.measures]


def change_of(change: Change, kind: Kind) -> Step:
    """Return a change in words."""
    what = {
        "added": _("entered"), "changed": _("changed"), "moved_on": _("status"),
    }.get(change.kind, change.kind)  # fmt: skip
    pairs = [
        (label(f, kind), value_text(f, pair[0], kind), value_text(f, pair[1], kind))
        for f, pair in change.fields.items()
    ]
    return Step(change.at, change.actor, what, change.reason, pairs)


def value_text(field: str, value: Any, kind: Kind) -> str:  # noqa: ANN401 - by the field
    """Return the value of a field of a record in words; a dash for none."""
    if value is None or value in ("", [], {}):
        return "—"
    attribute = (
        kind.attribute(field.removeprefix(ATTRIBUTE)) if field.startswith(ATTRIBUTE) else None
    )
    if attribute is not None:
        return shown(attribute, value)
    told = _WORDS.get(field)
    if told is not None:
        return told(value)
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def _territory(code: str) -> str:
    return Territory.objects.filter(code=code).values_list("name", flat=True).first() or code


# How the values of fields are said that are codes or lists.
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "stacks": stacks_text,
    "contacts": contacts_text,
    "status": status_word,
    "sector": lambda code: SECTORS[code].title if code in SECTORS else code,
    "grade": lambda code: GRADES[code].title if code in GRADES else code,
    "territory": _territory,
}


def step_word(before: str, after: str) -> str:
    """Return what the button of a step says."""
    if before == "planned" and after == "operating":
        return _("Ground may be broken")
    if before == "closed":
        return _("Reopen")
    return {
        "operating": _("Resume"), "stopped": _("Stop"), "closed": _("Close"),
    }[after]  # fmt: skip


def direction(bearing: float | None) -> str:
    """Return a direction [° clockwise from north] in words, by eighths of the circle."""
    if bearing is None:
        return ""
    return (
        _("north"), _("north-east"), _("east"), _("south-east"), _("south"), _("south-west"),
        _("west"), _("north-west"),
    )[round(bearing / 45) % 8]  # fmt: skip


def _with_unit(source: Source, kind: Kind, code: str) -> str:
    attribute = kind.attribute(code)
    if attribute is None:
        return ""
    text = shown(attribute, source.attributes[code])
    return f"{text} {attribute.unit}" if attribute.unit else text
