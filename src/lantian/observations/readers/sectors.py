"""Wind direction in words: the sixteen sectors, in English letters and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

_LETTERS = (
    "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW",
    "北 北东北 东北 东东北 东 东东南 东南 南东南 南 南西南 西南 西西南 西 西西北 西北 北西北",
    "北风 东北偏北 东北风 东北偏东 东风 东南偏东 东南风 东南偏南 "
    "南风 西南偏南 西南风 西南偏西 西风 西北偏西 西北风 西北偏北",
)

#: Centre of each sector [° the wind comes from], clockwise; north is 360, since 0 would say calm.
SECTORS: Mapping[str, float] = MappingProxyType(
    {
        name: 22.5 * number if number else 360.0
        for names in _LETTERS
        for number, name in enumerate(names.split())
    }
)


def degrees(text: pl.Expr) -> pl.Expr:
    """Return the direction [°] of sectors written as text; null for what is not a sector."""
    return (
        text.str.strip_chars()
        .str.to_uppercase()
        .replace_strict(dict(SECTORS), default=None, return_dtype=pl.Float64)
    )
