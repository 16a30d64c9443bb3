"""HJ 633 table 1: categories, colours and advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import polars as pl

from lantian.errors import UnknownNameError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.standards._data import load

CategoryId = Literal["excellent", "good", "light", "moderate", "heavy", "severe"]


@dataclass(frozen=True, slots=True)
class Category:
    """One band of the AQI.

    ``top`` is its highest AQI (none for the last); ``rgb`` and ``cmyk`` are the standard's colour.
    The advice is worded by this project, not quoted.
    """

    id: CategoryId
    level: int
    top: int | None
    rgb: tuple[int, int, int]
    cmyk: tuple[int, int, int, int]
    zh: str
    en: str
    level_zh: str
    advice_zh: str
    advice_en: str

    @property
    def name(self) -> str:
        """Return the category in the language in force."""
        return self.zh if active() == "zh" else self.en

    @property
    def advice(self) -> str:
        """Return the advice in the language in force."""
        return self.advice_zh if active() == "zh" else self.advice_en

    @property
    def colour(self) -> str:
        """Return the colour as ``#RRGGBB``."""
        return "#{:02X}{:02X}{:02X}".format(*self.rgb)


def _read() -> dict[str, Category]:
    rows = (dict(row) for row in load("hj633")["category"])
    return {
        row["id"]: Category(
            **{**row, "top": row.get("top"), "rgb": tuple(row["rgb"]), "cmyk": tuple(row["cmyk"])}
        )
        for row in rows
    }


CATEGORIES: Mapping[str, Category] = MappingProxyType(_read())


def category(aqi: float) -> Category:
    """Return the category of an AQI.

    Raises
    ------
    UnknownNameError
        ``aqi`` is negative or not a number.
    """
    if aqi >= 0:
        for band in CATEGORIES.values():
            if band.top is None or aqi <= band.top:
                return band
    raise UnknownNameError("standards.no_category", _("{aqi} is not an AQI.").format(aqi=aqi))


def category_expr(aqi: pl.Expr) -> pl.Expr:
    """Return the category id of each AQI; null for null."""
    expr = pl.lit(None, dtype=pl.String)
    for band in reversed(list(CATEGORIES.values())):
        known = aqi.is_not_null() if band.top is None else aqi <= band.top
        expr = pl.when(known).then(pl.lit(band.id)).otherwise(expr)
    return expr


def sensitive_groups(pollutant: str) -> str:
    """Return who is sensitive to a pollutant above IAQI 100 (HJ 633-2026 table 2; one source)."""
    groups: Mapping[str, str] = load("hj633")["sensitive"][pollutant]
    return groups[active()]
