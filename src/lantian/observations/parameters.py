"""What can be measured: names, units and how other units become them.

The table is ``data/parameters.toml``; nothing here knows a unit or a name by itself.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.standards import LABELS

Kind = Literal["pollutant", "other", "weather"]

_BRACKETED = re.compile(r"[(（\[【{].*?[)）\]】}]")
_PM1 = re.compile(r"pm\s*1[._]0(?!\d)")  # "PM1.0" is PM1; without its dot it would read PM10
_ORDINALS = frozenset({"No", "No.", "no.", "NO."})  # a row number, not nitric oxide
_TABLE: dict[str, Any] = tomllib.loads(
    files("lantian.observations").joinpath("data", "parameters.toml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One quantity. ``unit`` is the unit it is kept in; ``molar_mass`` is in g/mol."""

    id: str
    unit: str
    zh: str
    en: str
    kind: Kind
    molar_mass: float | None = None
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return what people call it, in the language in force; PM2.5 … by their formulas."""
        return LABELS.get(self.id) or (self.zh if active() == "zh" else self.en)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: a value times ``factor`` plus ``offset`` is in the base unit of ``dimension``."""

    id: str
    dimension: str
    factor: float
    offset: float = 0.0
    spellings: tuple[str, ...] = ()


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        name: Parameter(id=name, **{**row, "aliases": tuple(row["aliases"])})
        for name, row in _TABLE["parameters"].items()
    }
)
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        name: Unit(id=name, **{**row, "spellings": tuple(row["spellings"])})
        for name, row in _TABLE["units"].items()
    }
)


def settings(section: str) -> Mapping[str, Any]:
    """Return a section of ``parameters.toml`` that readers obey, such as ``missing``."""
    return MappingProxyType(_TABLE[section])


def _name_key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s._\-:：]", "", _PM1.sub("pm1", _BRACKETED.sub("", plain)))


def _unit_key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s^·]", "", plain)


@cache
def _names() -> Mapping[str, Parameter]:
    return {_name_key(alias): p for p in PARAMETERS.values() for alias in p.aliases}


@cache
def _unit_names() -> Mapping[str, Unit]:
    return {_unit_key(s): u for u in UNITS.values() for s in (u.id, *u.spellings)}


def find_parameter(text: str) -> Parameter | None:
    """Return the parameter a header or name speaks of, or None.

    Case, spaces, dots, underscores, subscripts and a unit in brackets do not matter:
    ``PM2.5(μg/m³)``, ``pm2_5`` and ``细颗粒物`` are all ``pm25``. Sliding means such as
    ``PM2.5_24h`` or ``O3_8h`` are not hourly values and are not found.
    """
    if text.strip() in _ORDINALS:
        return None
    return _names().get(_name_key(text))


def find_unit(text: str) -> Unit | None:
    """Return the unit a text speaks of (``ug/m3``, ``μg/m³``, ``毫克/立方米`` …), or None."""
    return _unit_names().get(_unit_key(text))


def unit_in(header: str) -> Unit | None:
    """Return the unit named in brackets in a header such as ``CO(mg/m³)``, or None."""
    for part in _BRACKETED.findall(header):
        if (unit := find_unit(part[1:-1])) is not None:
            return unit
    return None


def molar_volume() -> float:
    """Return the volume of one mole of gas at the reference state [L/mol], 24.465.

    298.15 K and 1013.25 hPa: amendment of GB 3095-2012 in force since 2018-09-01, and GB 3095-2026.
    """
    state = settings("reference_state")
    litres: float = state["gas_constant"] * state["temperature_k"] / state["pressure_pa"] * 1000.0
    return litres


def _known_unit(parameter: Parameter, unit: str) -> Unit:
    found = find_unit(unit)
    if found is None:
        raise InvalidArgumentError(
            "parameters.unknown_unit",
            _("'{unit}' is not a unit known for {parameter}; it is kept in {standard}.").format(
                unit=unit, parameter=parameter.title, standard=parameter.unit
            ),
            {"unit": unit, "parameter": parameter.id},
        )
    return found


def to_standard_unit(value: pl.Expr, parameter: Parameter, unit: str) -> pl.Expr:
    """Return ``value``, given in ``unit``, in the unit the parameter is kept in.

    Decimal steps (mg to µg, Pa to hPa) give the double nearest to the decimal result, so that
    1200 µg/m³ is exactly the number written 1.2 mg/m³. Mixing ratios become concentrations at the
    reference state: c = x · M / V, V from :func:`molar_volume`.

    Parameters
    ----------
    value
        Float64 expression in ``unit``. Null stays null.
    parameter
        What was measured.
    unit
        Any spelling of ``parameters.toml``.

    Raises
    ------
    InvalidArgumentError
        The unit is unknown (``parameters.unknown_unit``) or is not one this parameter can have
        (``parameters.wrong_unit``), for instance ppb of particles.
    """
    given = _known_unit(parameter, unit)
    target = UNITS[parameter.unit]
    if given.id == target.id:
        return value
    if given.dimension == "mixing" and target.dimension == "concentration":
        if parameter.molar_mass is None:
            raise _wrong_unit(parameter, unit)
        # ppb = nmol/mol; nmol/mol · g/mol ÷ (L/mol) = µg/m³
        return value * (given.factor * parameter.molar_mass / molar_volume() / target.factor)
    if given.dimension != target.dimension:
        raise _wrong_unit(parameter, unit)
    if given.offset or target.offset:
        return _decimal(value * given.factor + given.offset - target.offset)
    ratio = given.factor / target.factor
    return _decimal(value / (1.0 / ratio) if ratio < 1.0 else value * ratio)


def _decimal(value: pl.Expr) -> pl.Expr:
    # a product or quotient of doubles may miss its decimal by one unit in the last place; nine
    # decimals are more than any instrument gives and bring it back
    return value.round(9)


def _wrong_unit(parameter: Parameter, unit: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "parameters.wrong_unit",
        _("{parameter} cannot be given in '{unit}'; it is kept in {standard}.").format(
            parameter=parameter.title, unit=unit, standard=parameter.unit
        ),
        {"unit": unit, "parameter": parameter.id},
    )
