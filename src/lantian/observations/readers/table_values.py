"""Cells of values: a number, a mark instead of it, or a number with a mark."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

from lantian.i18n import active
from lantian.observations.parameters import settings
from lantian.observations.readers import sectors

State = Literal["valid", "invalid", "absent", "bad"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_BRACKETED = re.compile(rf"^({_NUMBER})\s*[(（\[【]\s*([^()（）\[\]【】]+?)\s*[)）\]】]$")
_TRAILING = re.compile(rf"^({_NUMBER})\s*([A-Za-z一-鿿]+)$")
# below the detection limit, above the range: the number is a bound, not a value
_BOUND = re.compile(rf"^[<>≤≥＜＞]\s*{_NUMBER}$")
# what may be a mark nobody has listed: a few letters, or a few Chinese characters
_MARK = re.compile(r"^(?:[A-Za-z]{1,4}|[一-鿿]{1,8})$")


@cache
def flag_grades() -> Mapping[str, Literal["valid", "invalid"]]:
    """Return the grade of each listed mark, in lower case (``data/flags.toml``)."""
    grades = {code.lower(): row["grade"] for row in _flags() for code in row["codes"]}
    return MappingProxyType(grades)


def flag_words(mark: str) -> str:
    """Return what a listed mark means, in the language in force; empty for an unlisted one."""
    rows = (r for r in _flags() if mark.lower() in (code.lower() for code in r["codes"]))
    return next((str(r["zh" if active() == "zh" else "en"]) for r in rows), "")


@cache
def _flags() -> list[dict[str, Any]]:
    text = files("lantian.observations").joinpath("data", "flags.toml").read_text("utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["flags"]
    return rows


@dataclass(frozen=True)
class Cells:
    """The cells of one column, read.

    ``frame`` has ``value`` (Float64), ``flag`` (String, ``""`` for none) and ``state``: ``valid``,
    ``invalid`` (a mark took the value out), ``absent`` (nothing there) or ``bad`` (not understood);
    ``unknown`` are marks that are not listed.
    """

    frame: pl.DataFrame
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    value: float | None
    flag: str
    state: State
    unknown: bool = False


def read_values(
    cells: pl.Series, *, valid_flags: Collection[str] = (), direction: bool = False
) -> Cells:
    """Read the cells of a column of values.

    Parameters
    ----------
    cells
        Trimmed text, null where empty, ``(n,)``.
    valid_flags
        Marks that say that a value is valid, besides those of ``data/flags.toml``.
    direction
        The column holds wind directions, which may be sectors (``NE``, ``东北``).

    Notes
    -----
    Any mark but a valid one makes the value invalid; it is kept, with the mark. ``NA`` and the like
    and sentinels such as -9999 (``parameters.toml``) are nothing at all; a dash is a mark.
    """
    value = cells.cast(pl.Float64, strict=False)
    finite = value.is_finite().fill_null(False)
    odd = cells.is_not_null() & ~finite
    state = pl.select(
        pl.when(finite & ~value.is_in(list(settings("missing")["numbers"])))
        .then(pl.lit("valid"))
        .otherwise(pl.lit("absent"))
    ).to_series()
    frame = pl.DataFrame(
        {
            "value": value.set(~finite, None),
            "flag": pl.repeat("", len(cells), eager=True),
            "state": state,
        }
    )
    if not odd.any():
        return Cells(frame.with_columns(_no_value_when_absent()), frozenset())
    texts = cells.filter(odd)
    read = [_read(text, valid_flags, direction) for text in texts.unique().to_list()]
    table = pl.DataFrame(
        {
            "text": [c.text for c in read],
            "value": pl.Series([c.value for c in read], dtype=pl.Float64),
            "flag": [c.flag for c in read],
            "state": [c.state for c in read],
        }
    )
    found = pl.DataFrame({"text": texts}).join(table, on="text", how="left", maintain_order="left")
    at = odd.arg_true()
    frame = frame.select(frame[c].scatter(at, found[c]).alias(c) for c in frame.columns)
    unknown = frozenset(c.flag for c in read if c.unknown)
    return Cells(frame.with_columns(_no_value_when_absent()), unknown)


def _no_value_when_absent() -> pl.Expr:
    return pl.when(pl.col("state") != "absent").then("value").alias("value")


def _read(text: str, valid_flags: Collection[str], direction: bool) -> _Cell:
    missing = settings("missing")
    if text.lower() in missing["text"]:
        return _Cell(text, None, "", "absent")
    if direction and (degrees := sectors.SECTORS.get(text.upper())) is not None:
        return _Cell(text, degrees, "", "valid")
    if _THOUSANDS.match(text):
        return _Cell(text, float(text.replace(",", "")), "", "valid")
    if (known := _grade(text, valid_flags)) is not None:
        # a mark of validity without a value marks nothing
        return _Cell(text, None, text, "absent" if known == "valid" else "invalid")
    if re.match(missing["pattern"], text) or _BOUND.match(text):
        return _Cell(text, None, text, "invalid")
    return _marked(text, valid_flags)


def _marked(text: str, valid_flags: Collection[str]) -> _Cell:
    """Read a number with a mark, or a mark that is not listed."""
    match = _BRACKETED.match(text)
    trailing = _TRAILING.match(text)
    # "12O" is a misprint, "35H" a mark: without brackets only a listed mark is one
    if trailing is not None and _grade(trailing.group(2), valid_flags) is not None:
        match = trailing
    if match is not None:
        flag = match.group(2)
        grade = _grade(flag, valid_flags)
        return _Cell(text, float(match.group(1)), flag, grade or "invalid", grade is None)
    if _MARK.match(text):
        return _Cell(text, None, text, "invalid", True)
    return _Cell(text, None, "", "bad")


def _grade(flag: str, valid_flags: Collection[str]) -> Literal["valid", "invalid"] | None:
    if flag in valid_flags:
        return "valid"
    return flag_grades().get(flag.lower())


def apply_flags(values: Cells, columns: Iterable[pl.Series], valid_flags: Collection[str]) -> Cells:
    """Return ``values`` with the marks of other columns laid over them.

    Parameters
    ----------
    values
        Result of :func:`read_values`, ``(n,)``.
    columns
        Text cells of columns of marks, each ``(n,)``. An empty cell, or one that stands for
        nothing, is no mark.
    valid_flags
        As for :func:`read_values`.
    """
    frame, unknown = values.frame, set(values.unknown)
    for column in columns:
        marks = [m for m in column.drop_nulls().unique().to_list() if _is_mark(m)]
        if not marks:
            continue
        grades = {m: _grade(m, valid_flags) for m in marks}
        unknown |= {m for m, grade in grades.items() if grade is None}
        invalid = [m for m, grade in grades.items() if grade != "valid"]
        mark = pl.when(column.is_in(marks)).then(column)
        struck = column.is_in(invalid).fill_null(False) & (frame["state"] != "bad")
        frame = frame.select(
            "value",
            pl.when(pl.col("flag") == "")
            .then(pl.coalesce(mark, pl.lit("")))
            .otherwise("flag")
            .alias("flag"),
            pl.when(struck).then(pl.lit("invalid")).otherwise("state").alias("state"),
        )
    return Cells(frame, frozenset(unknown))


def _is_mark(text: str) -> bool:
    missing = settings("missing")
    return text.lower() not in missing["text"] and not re.match(missing["pattern"], text)
