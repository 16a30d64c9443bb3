"""From text cells to numbers, with every cell that is none named by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.parameters import Parameter, settings, to_standard_unit
from lantian.observations.readers.base import Options
from lantian.observations.readers.text import LINE


class Found:
    """Collects the bad places of one file.

    Parameters
    ----------
    file
        Name of the file, as people know it.
    path
        For JSON, where the list of records stands (``results``); places are then given as
        ``results[3].value`` instead of line and column.
    """

    def __init__(self, file: str, path: str | None = None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.total = 0
        self._path = path
        self._lines: list[pl.Series] = []

    def add(self, problems: Iterable[Problem]) -> None:
        """Take over problems that know their line."""
        taken = list(problems)
        self.total += len(taken)
        self.problems += taken[: self._room()]
        self.add_lines(pl.Series(LINE, [p.line for p in taken if p.line is not None]))

    def add_lines(self, lines: pl.Series) -> None:
        """Mark lines as bad; what is wrong with them is added apart."""
        self._lines.append(lines.cast(pl.UInt32))

    def cells(self, bad: pl.DataFrame, column: str, code: str, say: Callable[[str], str]) -> None:
        """Add one problem for each row of ``bad``; ``say`` words it.

        ``bad`` has ``line``, ``text`` and, where the column differs by row, ``column``.
        """
        if bad.is_empty():
            return
        self.total += bad.height
        self.add_lines(bad[LINE])
        given = "column" if "column" in bad.columns else pl.lit(column).alias("column")
        for line, text, name in bad.select(LINE, "text", given).head(self._room()).iter_rows():
            shown = text or ""
            at, where = self.place(line, name)
            self.problems.append(Problem(self.file, say(shown), code, at, where, shown))

    def whole_file(self, code: str, message: str, column: str | None = None) -> None:
        """Add a problem that is not of one row."""
        self.total += 1
        if self._room():
            self.problems.append(Problem(self.file, message, code, None, column))

    def bad_lines(self) -> pl.Series:
        """Return the lines that hold a problem, each once."""
        none = pl.Series(LINE, [], dtype=pl.UInt32)
        return pl.concat([none, *self._lines]).unique().sort()

    def _room(self) -> int:
        return max(0, BadInputError.LIMIT - len(self.problems))

    def record(self, line: int) -> str:
        """Return how to name a row in a sentence: "line 5", or "results[4]" of JSON."""
        if self._path is None:
            return _("line {line}").format(line=line)
        return f"{self._path}[{line - 1}]"

    def place(self, line: int, column: str) -> tuple[int | None, str]:
        """Return line and column of a cell as a problem states them."""
        if self._path is None:
            return line, column
        return None, f"{self._path}[{line - 1}].{column}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values: its header, what it holds and in which unit the file gives it."""

    header: str
    parameter: Parameter
    unit: str


def missing(text: pl.Expr) -> pl.Expr:
    """Say whether a text stands for "no value" (``NA``, ``—``, ``-;`` … of ``parameters.toml``)."""
    rules = settings("missing")
    plain = text.str.strip_chars().str.to_lowercase()
    return plain.is_in(list(rules["text"])) | plain.str.contains(rules["pattern"])


def no_number(text: str) -> str:
    """Word the commonest problem."""
    return _("'{value}' is not a number; correct it, or leave the cell empty.").format(value=text)


def numbers(frame: pl.DataFrame, name: str, found: Found) -> pl.Series:
    """Return a text column as Float64; missing is null, what is no number goes to ``found``.

    Parameters
    ----------
    frame
        Holds ``name`` (String), ``line`` and, where each row has its own, ``column``: the name of
        the place.
    """
    text = frame[name]
    places = [c for c in ("column",) if c in frame.columns]
    value = text.cast(pl.Float64, strict=False)
    odd = text.is_not_null() & ~value.is_finite().fill_null(False)
    if odd.any():
        rest = frame.filter(odd).select(LINE, *places, text=pl.col(name).str.strip_chars())
        rest = rest.with_columns(
            value=pl.col("text").cast(pl.Float64, strict=False), gap=missing(pl.col("text"))
        ).with_columns(pl.when(pl.col("value").is_finite()).then(pl.col("value")).alias("value"))
        found.cells(
            rest.filter(pl.col("value").is_null() & ~pl.col("gap")),
            name,
            "read.not_a_number",
            no_number,
        )
        value = value.scatter(odd.arg_true(), rest["value"])
    sentinels: Sequence[float] = settings("missing")["numbers"]
    gap = value.is_in(list(sentinels))
    return value.set(gap, None) if gap.any() else value


def pieces(
    frame: pl.DataFrame, columns: Sequence[Column], found: Found, period: str
) -> list[pl.DataFrame]:
    """Return one long piece for each column of values, missing ones left out.

    Parameters
    ----------
    frame
        ``line``, ``station``, ``time`` and the text columns.
    """
    result = []
    for column in columns:
        value = numbers(frame, column.header, found)
        unit = to_standard_unit(pl.col("value"), column.parameter, column.unit)
        piece = frame.select(LINE, "station", "time").with_columns(value.alias("value"))
        result.append(
            piece.drop_nulls("value").select(
                LINE,
                "station",
                pl.lit(column.parameter.id).alias("parameter"),
                pl.lit(period).alias("period"),
                "time",
                unit.alias("value"),
            )
        )
    return result


def column_unit(parameter: Parameter, given: str, options: Options) -> str:
    """Return the unit of a column: what the caller says, else what the format says."""
    return options.units.get(parameter.id, given)


def conversions(columns: Sequence[Column]) -> list[str]:
    """Return a remark for each column whose unit is not the one it is kept in."""
    return [
        _("{parameter} was converted from {given} to {standard}.").format(
            parameter=c.parameter.title, given=c.unit, standard=c.parameter.unit
        )
        for c in columns
        if c.unit != c.parameter.unit
    ]
