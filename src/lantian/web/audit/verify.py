"""Walking the chain from its first event to the last, to see if it is what was written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lantian.i18n import gettext as _
from lantian.web.audit.anchors import Anchor, by_number
from lantian.web.audit.hashing import FIELDS, GENESIS, digest
from lantian.web.audit.models import Event

Kind = Literal["changed", "deleted", "inserted", "cut", "rewritten"]
_CHUNK = 5_000
# How far a row is looked for that was given another number when others came in or went.
_SHIFTS = 100


@dataclass(frozen=True)
class Fault:
    """What is wrong, and at which event first.

    Parameters
    ----------
    number
        Of the first event that is not as it was written.
    kind
        What was done to the log.
    message
        The sentence for people.
    """

    number: int
    kind: Kind
    message: str


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found.

    Parameters
    ----------
    events
        How many events were read.
    fault
        The first thing that is wrong; None: nothing is.
    anchors
        How many anchors were compared.
    anchored
        Number of the last event that an anchor vouches for; 0: none.
    seconds
        How long it took [s].
    """

    events: int
    fault: Fault | None
    anchors: int
    anchored: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Say whether nothing was found."""
        return self.fault is None


def verify(anchors: Sequence[Anchor] = ()) -> Verdict:
    """Walk along the whole chain and compare it with anchors kept outside the database.

    Without an anchor a changed, a deleted and an inserted event are found, and not a tail that
    was cut off or written anew: nothing inside the database can tell of that.
    """
    begun = time.monotonic()
    known = by_number(anchors)
    walk = _Walk(known)
    fault = walk.fault(_rows()) or walk.beyond()
    return Verdict(
        events=walk.read,
        fault=fault,
        anchors=len(known),
        anchored=walk.vouched,
        seconds=time.monotonic() - begun,
    )


def _rows() -> Iterator[tuple[Any, ...]]:
    rows = Event.objects.order_by("id").values_list(*FIELDS, "hash")
    return rows.iterator(chunk_size=_CHUNK)


class _Walk:
    """One walk: how far it has come and what it has seen."""

    def __init__(self, anchors: dict[int, Anchor]) -> None:
        self.anchors = anchors
        self.read = 0
        self.last = 0
        self.vouched = 0

    def fault(self, rows: Iterator[tuple[Any, ...]]) -> Fault | None:
        """Return the first thing that is wrong between the rows themselves."""
        previous = GENESIS
        for row in rows:
            *fields, stored = row
            number, before = fields[0], fields[-1]
            self.read += 1
            if number != self.last + 1:
                return _gap(self.last + 1, number)
            if digest(fields) != stored:
                return _changed(fields, stored)
            if before != previous:
                return _broken(number, self.vouched)
            if number in self.anchors and (found := self._compared(number, stored)):
                return found
            self.last, previous = number, stored
        return None

    def _compared(self, number: int, stored: str) -> Fault | None:
        anchor = self.anchors[number]
        if anchor.hash == stored:
            self.vouched = number
            return None
        return Fault(
            self.vouched + 1,
            "rewritten",
            _(
                "The anchor{when} of event {n} has another hash: events were written anew "
                "somewhere between {first} and {n}."
            ).format(when=_when(anchor), n=number, first=self.vouched + 1),
        )

    def beyond(self) -> Fault | None:
        """Return what the anchors know of events that are not there any more."""
        missing = sorted(n for n in self.anchors if n > self.last)
        if not missing:
            return None
        anchor = self.anchors[missing[-1]]
        return Fault(
            self.last + 1,
            "cut",
            _(
                "The log ends with event {last}, but the anchor{when} knows of event {n}: the end "
                "was cut off."
            ).format(last=self.last, when=_when(anchor), n=anchor.number),
        )


def _when(anchor: Anchor) -> str:
    if anchor.at is None:
        return ""
    return _(" of {day}").format(day=anchor.at.date().isoformat())


def _gap(expected: int, number: int) -> Fault:
    if number < expected:
        message = _("Event {n} was inserted: numbers begin with 1.").format(n=number)
        return Fault(number, "inserted", message)
    if number == expected + 1:
        message = _("Event {n} was deleted.").format(n=expected)
    else:
        message = _("Events {first} to {last} were deleted.").format(
            first=expected, last=number - 1
        )
    return Fault(expected, "deleted", message)


def _changed(fields: Sequence[Any], stored: str) -> Fault:
    """Tell a row that was changed from one that was given another number."""
    number = fields[0]
    for shift in range(1, _SHIFTS + 1):
        if digest([number - shift, *fields[1:]]) == stored:
            first = number - shift
            return Fault(
                first,
                "inserted",
                _("Event {n} was inserted: those after it were given higher numbers.").format(
                    n=first
                ),
            )
        if digest([number + shift, *fields[1:]]) == stored:
            return Fault(
                number,
                "deleted",
                _("Event {n} was deleted: those after it were given lower numbers.").format(
                    n=number
                ),
            )
    return Fault(
        number,
        "changed",
        _("Event {n} was changed: what it says does not fit its hash.").format(n=number),
    )


def _broken(number: int, vouched: int) -> Fault:
    """Return the fault of a row that is whole and does not continue the one before."""
    if number == 1:
        message = _("Event 1 was changed: it does not begin the log.")
        return Fault(1, "changed", message)
    before = number - 1
    if before <= vouched:
        message = _("Event {n} was written anew: it does not continue event {before}.").format(
            n=number, before=before
        )
        return Fault(number, "changed", message)
    message = _(
        "Event {before} was changed or put in place of another: event {n} continues a different "
        "one."
    ).format(before=before, n=number)
    return Fault(before, "changed", message)
