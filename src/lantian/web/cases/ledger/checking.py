"""What the cells of a file say of one case: taken as values, or told what is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations.readers.table_header import key
from lantian.web.cases.catalogue import Catalogue
from lantian.web.cases.intake.forms import FIRST_YEAR, LAST_YEAR
from lantian.web.cases.ledger.cells import SEVERITY
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source

_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+"
    r"(\d{1,2})[:：时](\d{1,2})(?:[:：]\d{1,2}(?:\.0+)?)?分?"
)


class Checker:
    """Reads cells against the territories, sources and problem types there are.

    Parameters
    ----------
    sources
        Numbers that stand in the file.
    """

    def __init__(self, catalogue: Catalogue, sources: set[str]) -> None:
        self._territories = {t.code: t for t in Territory.objects.all()}
        rows = Source.objects.filter(number__in=sources)
        self._sources = {s.number: s for s in rows}
        self._problems = {
            key(word): p.code for p in catalogue.types.values() for word in (p.code, p.zh, p.en)
        }

    def value(self, column: str, text: str) -> Any:  # noqa: ANN401 - by the column
        """Return what a cell says, as :func:`~lantian.web.cases.actions.correct` takes it.

        Raises
        ------
        InvalidArgumentError
            It is empty and must not be, no number, no moment.
        UnknownNameError
            It names what is not there.
        """
        readers: Mapping[str, Callable[[str], Any]] = {
            "title": _needed, "severity": _severity, "found_at": _moment, "lon": _degrees(180),
            "lat": _degrees(90), "external_due": _optional_moment, "own_due": _optional_moment,
            "problem": self._problem, "territory": self._territory, "source": self._source,
        }  # fmt: skip
        return readers.get(column, str)(text)

    def _problem(self, text: str) -> str:
        found = self._problems.get(key(_needed(text)))
        if found is None:
            raise UnknownNameError(
                "cases.unknown_problem",
                _("The catalogue in force has no problem type “{text}”.").format(text=text),
            )
        return found

    def _territory(self, text: str) -> Territory:
        found = self._territories.get(_needed(text))
        if found is None:
            raise UnknownNameError(
                "ledger.no_territory",
                _("There is no territory with the code “{text}”.").format(text=text),
            )
        return found

    def _source(self, text: str) -> Source | None:
        if not text:
            return None
        found = self._sources.get(text)
        if found is None:
            raise UnknownNameError(
                "ledger.no_source",
                _("The register has no source with the number “{text}”.").format(text=text),
            )
        return found


def pair(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    """Return a position of its halves.

    Raises
    ------
    InvalidArgumentError
        ``cases.half_position``.
    """
    if (lon is None) != (lat is None):
        raise InvalidArgumentError(
            "cases.half_position", _("Give both longitude and latitude, or neither.")
        )
    return None if lon is None or lat is None else (lon, lat)


def _needed(text: str) -> str:
    if not text:
        raise InvalidArgumentError("ledger.empty", _("This cell must not be empty."))
    return text


def _severity(text: str) -> str:
    wanted = key(_needed(text))
    for code, words in SEVERITY.items():
        if wanted in (key(code), *(key(w) for w in words)):
            return code
    raise UnknownNameError(
        "cases.unknown_severity",
        _("A case is “general” or “serious”, not “{severity}”.").format(severity=text),
    )


def _optional_moment(text: str) -> datetime | None:
    return _moment(text) if text else None


def _moment(text: str) -> datetime:
    found = _MOMENT.fullmatch(_needed(text))
    try:
        if found is None:
            raise ValueError(text)
        year, month, day, hour, minute = map(int, found.groups())
        if not FIRST_YEAR <= year < LAST_YEAR:
            raise ValueError(text)
        return timezone.make_aware(datetime(year, month, day, hour, minute))
    except ValueError as error:
        raise InvalidArgumentError(
            "ledger.no_moment",
            _("“{text}” is no time; write it as 2026-11-23 08:16.").format(text=text),
        ) from error


def _degrees(most: int) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) <= most:
            raise InvalidArgumentError(
                "ledger.no_degrees",
                _("“{text}” is no number of degrees between −{most} and {most}.").format(
                    text=text, most=most
                ),
            )
        return value

    return read
