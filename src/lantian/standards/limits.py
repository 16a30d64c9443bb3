"""GB 3095 concentration limits."""

from __future__ import annotations

from typing import Literal

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.standards._data import load
from lantian.standards.editions import edition as _edition

Averaging = Literal["1h", "8h", "24h", "year", "quarter"]


def limit(pollutant: str, *, averaging: str, grade: int, edition: str) -> float:
    """Return a concentration limit of GB 3095; a value attains when it is not above it.

    Parameters
    ----------
    pollutant
        ``pm25 pm10 so2 no2 co o3`` (table 1) or ``tsp nox pb bap`` (table 2).
    averaging
        ``1h``, ``24h``, ``year``; ``8h`` for the daily maximum 8 h mean of O3; ``quarter`` (Pb).
    grade
        1 (protected areas) or 2 (everywhere else).
    edition
        ``2012``, ``2026-transition`` or ``2026-final``; ``auto`` raises.

    Returns
    -------
    float
        [µg/m³]; CO [mg/m³].

    Raises
    ------
    UnknownNameError
        (a LookupError) The standard has no such limit; PM, for one, has none for 1 h.
    InvalidArgumentError
        ``grade`` is neither 1 nor 2, or ``edition`` is ``auto``.
    """
    name = _edition(edition).id
    if grade not in (1, 2):
        raise InvalidArgumentError(
            "standards.unknown_grade", _("The grade is 1 or 2, not {grade}.").format(grade=grade)
        )
    if pollutant not in load("gb3095")["limits"]:
        raise UnknownNameError(
            "standards.unknown_pollutant",
            _("There is no pollutant '{pollutant}' in GB 3095; it has {names}.").format(
                pollutant=pollutant, names=", ".join(load("gb3095")["limits"])
            ),
            {"pollutant": pollutant},
        )
    try:
        return float(load("gb3095")["limits"][pollutant][averaging][name][int(grade) - 1])
    except KeyError:
        raise UnknownNameError(
            "standards.no_limit",
            _("GB 3095 has no {averaging} limit for {pollutant}.").format(
                averaging=averaging, pollutant=pollutant
            ),
            {"pollutant": pollutant, "averaging": averaging, "edition": name},
        ) from None
