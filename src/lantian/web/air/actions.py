"""What a person may do to measurements: correct, exclude, restore, undo, enter dust decisions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.core.exceptions import PermissionDenied

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.home import dust
from lantian.i18n import gettext as _
from lantian.observations import quality
from lantian.observations.batches import Batch
from lantian.observations.parameters import PARAMETERS
from lantian.observations.reading import Selection
from lantian.observations.schema import Calibre, Grade, conform
from lantian.web.air.audited import landing
from lantian.web.audit.actors import Actor
from lantian.web.core.air import network


def permit(actor: Actor, capability: str) -> None:
    """Refuse what the posts of ``actor`` do not include.

    Raises
    ------
    PermissionDenied
    """
    if actor.may is not None and capability not in actor.may:
        raise PermissionDenied(_("Your posts do not include this."))


def correct(
    actor: Actor,
    *,
    station: str,
    parameter: str,
    time: datetime,
    value: float | None,
    grade: Grade | None,
    reason: str,
    calibre: Calibre,
    standing: int | None = None,
) -> Batch:
    """Give one hourly value another value, or make it missing.

    Parameters
    ----------
    value
        In the unit of the stored one; None: missing.
    grade
        None: quality control judges the value by itself.
    standing
        Batch whose value the person saw; another one by now is an error.

    Raises
    ------
    InvalidArgumentError
        ``data.impossible_value``, ``store.reason_needed``.
    DomainError
        ``store.no_such_value``, ``store.not_as_shown``, ``store.locked``.
    """
    permit(actor, "data.change")
    judged = _judged(station, parameter, time, value)
    chosen = grade or judged
    what = {
        "station": station, "parameter": parameter, "time": time.isoformat(), "value": value,
        "grade": chosen, "calibre": calibre, "reason": reason, "replaces_batch": standing,
    }  # fmt: skip
    with landing("data.corrected", _station(station), what, actor=actor) as change:
        batch = settings.HOME.store.correct(
            station, parameter, time, value,
            actor=actor.name, reason=reason, calibre=calibre, grade=chosen,
            clock=network().now, event=change.event, standing=standing,
        )  # fmt: skip
        if not batch.id:
            change.nothing()
    return batch


def exclude(actor: Actor, selection: Selection, *, reason: str, expected: int) -> Batch:
    """Make the selected values invalid; they stay readable.

    Parameters
    ----------
    expected
        How many values the person was shown.

    Raises
    ------
    DomainError
        ``store.nothing_selected``, ``store.not_as_shown``, ``store.reason_needed``.
    """
    return _decide("data.excluded", actor, selection, reason, expected)


def restore(actor: Actor, selection: Selection, *, reason: str, expected: int) -> Batch:
    """Let excluded values count again; see `exclude`."""
    return _decide("data.restored", actor, selection, reason, expected)


def undo(actor: Actor, number: int, *, reason: str, expected: Sequence[int]) -> list[int]:
    """Undo a batch with the decisions that stand on it, and return the numbers undone.

    Parameters
    ----------
    expected
        The batches the person was shown.

    Raises
    ------
    UnknownNameError
        ``store.unknown_batch``.
    DomainError
        ``store.already_undone``, ``store.not_as_shown``, ``store.reason_needed``.
    """
    permit(actor, "data.undo")
    what = {"batch": number, "batches": sorted(expected), "reason": reason}
    thing = ("batch", str(number), _("Batch {number}").format(number=number))
    with landing("data.undone", thing, what, actor=actor) as change:
        undone: list[int] = settings.HOME.store.undo(
            number, actor=actor.name, reason=reason, cascade=True, clock=network().now,
            event=change.event, expected=expected,
        )  # fmt: skip
    return undone


def add_dust(
    actor: Actor, *, start: datetime, end: datetime, decision: str, stations: Sequence[str]
) -> list[dust.DustDecision]:
    """Enter a sand-dust decision for some stations, or for all where none is named.

    Raises
    ------
    InvalidArgumentError
        ``dust.no_decision``, ``dust.reversed``, ``dust.entered_already``.
    UnknownNameError
        ``data.unknown_station``.
    """
    permit(actor, "dust")
    known = set(network().stations()["station"])
    unknown = [s for s in stations if s not in known]
    if unknown:
        raise UnknownNameError(
            "data.unknown_station",
            _("There is no station {station} in the register.").format(station=unknown[0]),
        )
    wanted: list[str | None] = [*stations] or [None]
    for held in dust.load(settings.HOME.path):
        same = (held.start, held.end, held.decision) == (start, end, decision.strip())
        if held.counts and same and held.station in wanted:
            raise InvalidArgumentError(
                "dust.entered_already",
                _("This decision is entered already, as number {n}.").format(n=held.id),
            )
    made = []
    for station in wanted:
        what = {
            "start": start.isoformat(), "end": end.isoformat(), "decision": decision,
            "station": station,
        }  # fmt: skip
        thing = ("dust", decision.strip(), decision.strip())
        with landing("dust.added", thing, what, actor=actor) as change:
            made.append(
                dust.add(
                    settings.HOME.path, start=start, end=end, decision=decision, station=station,
                    actor=actor.name, clock=network().now, event=change.event,
                )
            )  # fmt: skip
    return made


def remove_dust(actor: Actor, number: int, *, reason: str) -> dust.DustDecision:
    """Take a sand-dust decision back; it stays readable.

    Raises
    ------
    UnknownNameError
        ``dust.unknown``.
    InvalidArgumentError
        ``store.reason_needed``.
    """
    permit(actor, "dust")
    if not reason.strip():
        raise InvalidArgumentError("store.reason_needed", _("Say why it is taken back."))
    held = next((d for d in dust.load(settings.HOME.path) if d.id == number), None)
    what = {"number": number, "reason": reason, "decision": held.decision if held else None}
    thing = ("dust", str(number), held.decision if held else "")
    with landing("dust.removed", thing, what, actor=actor) as change:
        return dust.remove(
            settings.HOME.path, number, actor=actor.name, reason=reason.strip(),
            clock=network().now, event=change.event,
        )  # fmt: skip


def described(selection: Selection) -> dict[str, Any]:
    """Return a selection as the log keeps it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(selection).items()
    }


def _decide(action: str, actor: Actor, selection: Selection, reason: str, expected: int) -> Batch:
    permit(actor, "data.change")
    store = settings.HOME.store
    act = store.exclude if action == "data.excluded" else store.restore
    what = {**described(selection), "values": expected, "reason": reason}
    named = ", ".join(selection.stations or ())
    with landing(action, ("station", named, _label(selection)), what, actor=actor) as change:
        batch: Batch = act(
            selection, actor=actor.name, reason=reason, clock=network().now,
            event=change.event, expected=expected,
        )  # fmt: skip
        if not batch.id:
            change.nothing()
    return batch


def _station(station: str) -> tuple[str, str, str]:
    return "station", station, _names().get(station, station)


def _label(selection: Selection) -> str:
    names = _names()
    return ", ".join(names.get(s, s) for s in selection.stations or ())


def _names() -> Mapping[str, str]:
    return dict(network().stations().select("station", "name").iter_rows())


def _judged(station: str, parameter: str, time: datetime, value: float | None) -> Grade:
    """Return what quality control says of a value by itself."""
    if value is None:
        return "valid"
    if not math.isfinite(value):
        raise InvalidArgumentError("data.impossible_value", _("Give a number."))
    row = {
        "station": [station], "parameter": [parameter], "period": ["1h"], "time": [time],
        "value": [value],
    }  # fmt: skip
    one = conform(pl.DataFrame(row))
    grade: Grade = quality.check(one, thresholds=settings.HOME.thresholds()).frame["grade"].item()
    if grade == "invalid":
        raise InvalidArgumentError(
            "data.impossible_value",
            _(
                "{value} is no possible value of {parameter}. Give the right one, make it missing, "
                "or exclude the hour."
            ).format(value=f"{value:g}", parameter=PARAMETERS[parameter].title),
            {"value": value, "parameter": parameter},
        )
    return grade
