"""HJ 663: which statistics, from how many values, with how many digits; composite methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lantian.errors import UnknownNameError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.standards._data import load


@dataclass(frozen=True, slots=True)
class Validity:
    """Fewest values each statistic needs (HJ 663)."""

    day_hours: int
    sliding_24h_hours: int
    window_hours: int
    day_windows: int
    first_window_end: int
    month_days: int
    february_days: int
    year_days: int


@dataclass(frozen=True, slots=True)
class Method:
    """A composite index method (smaller is better)."""

    id: str
    title_zh: str
    title_en: str
    status: str
    kind: Literal["sum", "sum_of_max"]
    limits: Mapping[str, float]
    weights: Mapping[str, float]
    daily_limits: Mapping[str, float]
    note_zh: str = ""
    note_en: str = ""

    @property
    def title(self) -> str:
        """Return the title in the language in force."""
        return self.title_zh if active() == "zh" else self.title_en

    @property
    def note(self) -> str:
        """Return what is uncertain about the method, in the language in force."""
        return self.note_zh if active() == "zh" else self.note_en


def _methods() -> dict[str, Method]:
    return {
        name: Method(id=name, **{"weights": {}, "daily_limits": {}, **row})
        for name, row in load("hj663")["method"].items()
    }


VALIDITY = Validity(**load("hj663")["validity"])
PERCENTILE: Mapping[str, int] = MappingProxyType(
    {p: row["percentile"] for p, row in load("hj663")["statistic"].items()}
)
MEAN_IS_ITEM: Mapping[str, bool] = MappingProxyType(
    {p: row["mean"] for p, row in load("hj663")["statistic"].items()}
)
DIGITS: Mapping[str, int] = MappingProxyType(load("hj663")["digits"])
METHODS: Mapping[str, Method] = MappingProxyType(_methods())


def method(name: str) -> Method:
    """Return the composite index method called ``name``; UnknownNameError if there is none."""
    try:
        return METHODS[name]
    except KeyError:
        raise UnknownNameError(
            "standards.unknown_method",
            _("There is no composite index method '{name}'; use one of {names}.").format(
                name=name, names=", ".join(METHODS)
            ),
            {"method": name},
        ) from None
