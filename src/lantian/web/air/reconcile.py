"""Does the audit log agree with what landed? Run at start and by ``lantian doctor``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.conf import settings

from lantian.home import dust
from lantian.i18n import gettext as _
from lantian.web.air.audited import TOKEN, at_work, not_landed
from lantian.web.air.events import LANDING, NOT_LANDED, UNLOGGED
from lantian.web.audit.actors import Actor, system
from lantian.web.audit.chain import record
from lantian.web.audit.models import Event
from lantian.web.places.events import LANDING as REGISTER

_ACTIONS = (*LANDING, *REGISTER)


@dataclass(frozen=True)
class Reconciled:
    """What does not agree.

    Parameters
    ----------
    not_landed
        Events nothing came of: a process died between the event and the change.
    unlogged
        Changes that carry the number of an event that is not there: ``batch 12``, ``dust 3`` ….
    """

    not_landed: Sequence[int]
    unlogged: Sequence[str]


def compare() -> Reconciled:
    """Return what does not agree, and leave it as it is."""
    landed = _landed()
    events = {
        number: json.loads(data).get(TOKEN)
        for number, data in Event.objects.filter(action__in=_ACTIONS)
        .exclude(pk__in=_closed())
        .values_list("pk", "data")
        if number not in landed
    }
    known = set(Event.objects.filter(action__in=_ACTIONS).values_list("pk", flat=True))
    missing = [what for number, what in sorted(landed.items()) if number not in known]
    dead = sorted(number for number, token in events.items() if not at_work(token))
    return Reconciled(dead, missing)


def reconcile() -> Reconciled:
    """Write into the log what does not agree, once; return it."""
    found = compare()
    actor = system(_("system"))
    for number in found.not_landed:
        event = Event.objects.get(pk=number)
        reason = _("The process ended before the change was made.")
        not_landed(number, event.action, reason, actor)
    for what in found.unlogged:
        _say_once(what, actor)
    return found


def _say_once(what: str, actor: Actor) -> None:
    kind, _space, number = what.partition(" ")
    if not Event.objects.filter(action=UNLOGGED, object_type=kind, object_id=number).exists():
        record(UNLOGGED, (kind, number, what), {}, actor=actor)


def _closed() -> list[int]:
    found = Event.objects.filter(action=NOT_LANDED, object_type="audit.event")
    return [int(number) for number in found.values_list("object_id", flat=True)]


def _landed() -> dict[int, str]:
    """Return event → what carries its number."""
    home = settings.HOME
    batches = home.store.batches()
    found: dict[int, str] = {}
    for column in ("event", "undo_event"):
        known = batches.filter(pl.col(column).is_not_null()).select(column, "batch")
        found |= {event: f"batch {batch}" for event, batch in known.iter_rows()}
    for version in home.store.station_versions():
        if version.event is not None:
            found.setdefault(version.event, f"register {version.version}")
    for decision in dust.load(home.path):
        for event in (decision.event, decision.removal):
            if event is not None:
                found[event] = f"dust {decision.id}"
    return found
