"""The thresholds of quality control, each with its unit, where it comes from and how sure it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _

DATA = Path(__file__).parent / "data" / "quality.toml"
SCHEMA = 1
ANY = "any"

Rule = Literal["range", "rise", "stuck", "particles", "neighbours", "import"]
Status = Literal["confirmed", "recalled", "observed", "chosen", "local"]

NAMES: Mapping[Rule, frozenset[str]] = {
    "range": frozenset({"invalid_below", "suspect_below", "suspect_above", "invalid_above"}),
    "rise": frozenset({"rise", "fall"}),
    "stuck": frozenset({"hours", "invalid_hours", "above", "below"}),
    "particles": frozenset({"relative", "absolute"}),
    "neighbours": frozenset({"minimum", "maximum", "radius", "sigmas", "floor"}),
    "import": frozenset(
        {
            "future_tolerance",
            "earliest_year",
            "swapped_share",
            "swapped_warning",
            "swapped_minimum",
            "context",
            "nearest",
        }
    ),
}

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number of one rule.

    ``value`` is in ``unit``; ``status`` and ``source`` say how sure it is and where it is from.
    """

    rule: Rule
    parameter: str
    period: str
    name: str
    value: float
    unit: str
    status: Status
    source: str


class Thresholds:
    """All thresholds in force, looked up by rule, parameter, period and name."""

    def __init__(self, entries: Mapping[_Key, Threshold]) -> None:
        self._entries = dict(entries)

    def get(self, rule: Rule, parameter: str, period: str, name: str) -> float | None:
        """Return a threshold, or ``None`` when the rule does not judge by it.

        A table for the period replaces the table for ``any`` period as a whole.
        """
        for table in (period, ANY):
            if any((rule, parameter, table, n) in self._entries for n in NAMES[rule]):
                entry = self._entries.get((rule, parameter, table, name))
                return entry.value if entry else None
        return None

    def general(self, rule: Rule, name: str) -> float:
        """Return a threshold that holds for every parameter and period.

        Raises
        ------
        UnknownNameError
            The data have no such threshold.
        """
        entry = self._entries.get((rule, ANY, ANY, name))
        if entry is None:
            raise UnknownNameError(
                "quality.unknown_threshold",
                _("Quality control has no threshold {rule}.{name}.").format(rule=rule, name=name),
            )
        return entry.value

    def __iter__(self) -> Iterator[Threshold]:
        return iter(sorted(self._entries.values(), key=lambda t: (t.rule, t.parameter, t.period)))

    def __len__(self) -> int:
        return len(self._entries)

    def frame(self) -> pl.DataFrame:
        """Return the thresholds as a table, for showing."""
        columns = ("rule", "parameter", "period", "name", "value", "unit", "status", "source")
        return pl.DataFrame(
            [{c: getattr(t, c) for c in columns} for t in self],
            schema={c: pl.Float64() if c == "value" else pl.String() for c in columns},
        )

    def changed_by(self, table: Mapping[str, Any], *, origin: str) -> Thresholds:
        """Return these thresholds with those of ``table`` in their place.

        Parameters
        ----------
        table
            ``{rule: {parameter: {period: {name: number or {value, unit}}}}}``, as in the TOML.
        origin
            What a person knows the table by (a file name); becomes the source.

        Raises
        ------
        InvalidArgumentError
            A rule or name that does not exist, a value that is not a number, or another unit.
        """
        entries = dict(self._entries)
        for key, given in _leaves(table, origin):
            known = entries.get(key)
            value, unit = _number(key, given, origin)
            if known is None:
                known = Threshold(*_checked(key, origin), value, unit or "", "local", origin)
            elif unit is not None and unit != known.unit:
                raise InvalidArgumentError(
                    "quality.threshold_unit",
                    _(
                        "{origin}: {key} is given in {unit}, but this threshold is in {expected}."
                    ).format(origin=origin, key=".".join(key), unit=unit, expected=known.unit),
                )
            entries[key] = replace(known, value=value, status="local", source=origin)
        return Thresholds(entries)


def load_thresholds(path: Path | None = None) -> Thresholds:
    """Return the shipped thresholds, changed by a network's own file when one is given.

    Parameters
    ----------
    path
        TOML of the same shape as ``data/quality.toml``, holding only what differs.

    Raises
    ------
    InvalidArgumentError
        The file cannot be read, or says something the rules do not know.
    """
    if path is None:
        return _shipped()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidArgumentError(
            "quality.thresholds_unreadable",
            _("The file of thresholds {file} cannot be read: {reason}.").format(
                file=path.name, reason=error
            ),
        ) from error
    return _shipped().changed_by(table, origin=path.name)


@cache
def _shipped() -> Thresholds:
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    sources = table["sources"]
    entries: dict[_Key, Threshold] = {}
    for key, given in _leaves(table, DATA.name):
        rule, parameter, period, name = _checked(key, DATA.name)
        value, unit = _number(key, given, DATA.name)
        if given["status"] not in get_args(Status) or unit is None:
            raise InvalidArgumentError(
                "quality.threshold_incomplete",
                _("{origin}: {key} has no unit or an unknown status.").format(
                    origin=DATA.name, key=".".join(key)
                ),
            )
        entries[key] = Threshold(
            rule, parameter, period, name, value, unit, given["status"], sources[given["source"]]
        )
    return Thresholds(entries)


def _leaves(table: Mapping[str, Any], origin: str) -> Iterator[tuple[_Key, Any]]:
    if table.get("schema", SCHEMA) != SCHEMA:
        raise InvalidArgumentError(
            "quality.thresholds_schema",
            _("{origin} is of schema {given}; this program reads schema {known}.").format(
                origin=origin, given=table.get("schema"), known=SCHEMA
            ),
        )
    for rule, parameters in table.items():
        if rule in {"schema", "sources"}:
            continue
        for parameter, periods in _table(parameters, rule, origin).items():
            for period, names in _table(periods, f"{rule}.{parameter}", origin).items():
                where = f"{rule}.{parameter}.{period}"
                for name, given in _table(names, where, origin).items():
                    yield (rule, parameter, period, name), given


def _table(value: Any, where: str, origin: str) -> Mapping[str, Any]:  # noqa: ANN401 - TOML
    if isinstance(value, Mapping):
        return value
    raise InvalidArgumentError(
        "quality.thresholds_shape",
        _("{origin}: {where} must be a table [rule.parameter.period].").format(
            origin=origin, where=where
        ),
    )


def _checked(key: _Key, origin: str) -> tuple[Rule, str, str, str]:
    rule, parameter, period, name = key
    for known, names in NAMES.items():
        if known == rule and name in names:
            return known, parameter, period, name
    raise InvalidArgumentError(
        "quality.unknown_threshold",
        _("{origin}: there is no threshold {rule}.{name}. Known are: {known}.").format(
            origin=origin,
            rule=rule,
            name=name,
            known=", ".join(f"{r}.{n}" for r, names in NAMES.items() for n in sorted(names)),
        ),
    )


def _number(key: _Key, given: Any, origin: str) -> tuple[float, str | None]:  # noqa: ANN401 - TOML
    value, unit = (
        (given.get("value"), given.get("unit")) if isinstance(given, Mapping) else (given, None)
    )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArgumentError(
            "quality.threshold_not_a_number",
            _("{origin}: {key} must be a number.").format(origin=origin, key=".".join(key)),
        )
    return float(value), unit
