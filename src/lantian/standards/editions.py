"""Editions of GB 3095 / HJ 633 / HJ 663 and the days on which each is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

import polars as pl

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.standards._data import load

EditionId = Literal["2012", "2026-transition", "2026-final"]
EditionChoice = Literal["2012", "2026-transition", "2026-final", "auto"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: which standards it consists of and when it is in force (both days included)."""

    id: EditionId
    standard: str
    title_zh: str
    title_en: str
    aqi_standard: str
    statistics_standard: str
    status: str
    valid_from: date | None = None
    valid_to: date | None = None


EDITIONS: Mapping[str, Edition] = MappingProxyType(
    {row["id"]: Edition(**row) for row in load("gb3095")["edition"]}
)
if set(EDITIONS) != set(get_args(EditionId)):  # the type and the data file must name the same ones
    raise RuntimeError("gb3095.toml and EditionId disagree")


def edition(name: str) -> Edition:
    """Return the edition called ``name``.

    Raises
    ------
    InvalidArgumentError
        ``name`` is ``"auto"``: where a date is needed to choose, give the edition itself.
    UnknownNameError
        There is no such edition.
    """
    if name == "auto":
        raise InvalidArgumentError(
            "standards.edition_auto",
            _("The edition 'auto' needs a date; name one of {names}.").format(
                names=", ".join(EDITIONS)
            ),
        )
    try:
        return EDITIONS[name]
    except KeyError:
        raise UnknownNameError(
            "standards.unknown_edition",
            _("There is no edition {name!r}; use one of {names}.").format(
                name=name, names=", ".join(repr(e) for e in EDITIONS)
            ),
            {"edition": name},
        ) from None


def edition_of(day: date) -> EditionId:
    """Return the edition in force on the local date ``day`` (GB 3095-2026: from 2026-03-01)."""
    for candidate in EDITIONS.values():
        if (candidate.valid_from is None or candidate.valid_from <= day) and (
            candidate.valid_to is None or day <= candidate.valid_to
        ):
            return candidate.id
    raise RuntimeError(f"no edition covers {day}")


def edition_expr(day: pl.Expr, choice: str) -> pl.Expr:
    """Return the edition id for each local date of ``day``; ``choice`` unless it is ``auto``."""
    if choice != "auto":
        return pl.lit(edition(choice).id)
    expr = pl.lit(None, dtype=pl.String)
    for e in EDITIONS.values():
        since = pl.lit(True) if e.valid_from is None else day >= e.valid_from
        until = pl.lit(True) if e.valid_to is None else day <= e.valid_to
        expr = pl.when(since & until).then(pl.lit(e.id)).otherwise(expr)
    return pl.when(day.is_null()).then(None).otherwise(expr)
