"""The rules behind the figures: the limits of each edition, and what no confirmed source backs."""

from __future__ import annotations

from dataclasses import dataclass

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CHOICES, EDITIONS, METHODS, POLLUTANTS, limit
from lantian.standards.limits import Averaging
from lantian.web.core.air import network

_AVERAGINGS: tuple[Averaging, ...] = ("year", "24h", "8h", "1h")


@dataclass(frozen=True)
class Limit:
    """A limit of GB 3095 table 1 under each edition: grade II, grade I; whether they differ."""

    pollutant: str
    averaging: str
    bounds: tuple[tuple[str, str], ...]
    differs: bool


def limits() -> list[Limit]:
    """Return the concentration limits of the six pollutants under each edition."""
    found = []
    for p in POLLUTANTS:
        for averaging in _AVERAGINGS:
            bounds = _bounds(p, averaging)
            if bounds:
                found.append(Limit(p, averaging_name(averaging), bounds, len(set(bounds)) > 1))
    return found


def _bounds(p: str, averaging: Averaging) -> tuple[tuple[str, str], ...]:
    """Return grade II and grade I of each edition; nothing where the standard has no such limit."""
    try:
        return tuple(
            (
                words.bound(limit(p, averaging=averaging, grade=2, edition=e)),
                words.bound(limit(p, averaging=averaging, grade=1, edition=e)),
            )
            for e in EDITIONS
        )
    except UnknownNameError:  # most pollutants have limits for two or three of the times
        return ()


def averaging_name(averaging: str) -> str:
    """Return the time a limit averages over."""
    return {
        "year": _("annual mean"),
        "24h": _("24 h mean"),
        "8h": _("daily maximum 8 h mean"),
        "1h": _("1 h mean"),
    }[averaging]


@dataclass(frozen=True)
class Doubt:
    """A rule: what it is, what is used here, how sure its source is and what that is."""

    title: str
    used: str
    sure: str
    source: str


def doubts() -> list[Doubt]:
    """Return the rules in use that no confirmed source backs."""
    settings = network().settings
    found = [
        Doubt(
            c.description, _value(getattr(settings, c.name)), words.status_name(c.status), c.basis
        )
        for c in CHOICES.values()
        if c.status != "confirmed"
    ]
    found += [
        Doubt(m.title, _("one of the methods of ranking"), words.status_name(m.status), m.note)
        for m in METHODS.values()
        if m.status != "confirmed"
    ]
    return found


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
