"""Small figures of tables and bulletins: percentile of a list, ratios, exceedance multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.standards import DIGITS, round_half_even


def percentile(values: Sequence[float], p: float) -> float:
    """Return the HJ 663 percentile of a list: k = 1 + (n-1)·p/100, linear between neighbours.

    Exact on the decimals the values print as; NaN of an empty list.
    """
    if not 0 <= p <= 100:
        raise InvalidArgumentError(
            "evaluation.bad_percentile",
            _("A percentile lies between 0 and 100, not at {p}.").format(p=p),
        )
    ordered = sorted(Fraction(repr(float(v))) for v in values if not math.isnan(v))
    if not ordered:
        return float("nan")
    place = (len(ordered) - 1) * Fraction(repr(float(p))) / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def ratio_percent(part: int, whole: int) -> float:
    """Return part / whole in per cent with the one decimal of HJ 663 tables; NaN of no days."""
    if whole == 0:
        return float("nan")
    return float(round_half_even(Fraction(part * 100, whole), DIGITS["ratio_percent"]))


def exceedance_multiple(concentration: float, limit: float) -> float | None:
    """Return (C-S)/S with two decimals when C is above S, else None (HJ 663)."""
    c, s = Fraction(repr(float(concentration))), Fraction(repr(float(limit)))
    if c <= s:
        return None
    return float(round_half_even((c - s) / s, DIGITS["exceedance_multiple"]))
