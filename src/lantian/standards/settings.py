"""Choices the sources leave open, named, documented and printed with every result they shape."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.standards._data import load


@dataclass(frozen=True, slots=True)
class Choice:
    """What one setting means, where its default comes from and how sure that is."""

    name: str
    default: bool | int | float
    status: str
    source: str
    source_zh: str
    zh: str
    en: str

    @property
    def description(self) -> str:
        """Return the meaning in the language in force."""
        return self.zh if active() == "zh" else self.en

    @property
    def basis(self) -> str:
        """Return where the default comes from, in the language in force."""
        return self.source_zh if active() == "zh" else self.source


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {name: Choice(name=name, **row) for name, row in load("settings").items()}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Values of the choices; see ``data/settings.toml`` for what each means.

    Build with :meth:`default` or :meth:`of`; both take defaults from the data file.
    """

    round_before_iaqi_2012: bool
    o3_1h_max_min_hours: int
    o3_exemption: bool
    city_share: float
    city_few_stations: int
    city_few_share: float
    long_period_every_month: bool
    any_period_min_share: float
    attainment_rounded: bool
    attainment_two_items: bool
    dust_affects_aqi: bool
    rank_digits: int

    @staticmethod
    def default() -> Settings:
        """Return every choice at its documented default."""
        return _default()

    @staticmethod
    def of(values: Mapping[str, object]) -> Settings:
        """Return the defaults changed by ``values``.

        Raises
        ------
        UnknownNameError
            A name that is not a setting.
        InvalidArgumentError
            A value of the wrong type.
        """
        checked: dict[str, Any] = {}
        for name, value in values.items():
            if name not in CHOICES:
                raise UnknownNameError(
                    "settings.unknown",
                    _("There is no evaluation setting '{name}'; there are {names}.").format(
                        name=name, names=", ".join(CHOICES)
                    ),
                )
            checked[name] = _checked(CHOICES[name], value)
        return dataclasses.replace(_default(), **checked)

    def in_doubt(self) -> list[Choice]:
        """Return the choices in use whose value no confirmed source backs."""
        return [c for c in CHOICES.values() if c.status != "confirmed"]

    def changed(self) -> dict[str, object]:
        """Return the settings that differ from their defaults."""
        return {n: getattr(self, n) for n, c in CHOICES.items() if getattr(self, n) != c.default}


def _checked(choice: Choice, value: object) -> bool | int | float:
    kind = type(choice.default)
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if kind is float and type(value) in (int, float) and 0 < float(str(value)) <= 1:
        return float(str(value))
    kinds = {bool: _("true or false"), int: _("a whole number"), float: _("a share, 0 to 1")}
    raise InvalidArgumentError(
        "settings.bad_value",
        _("The evaluation setting '{name}' is {kind}, not {value!r}.").format(
            name=choice.name, kind=kinds[kind], value=value
        ),
    )


@cache
def _default() -> Settings:
    defaults: dict[str, Any] = {name: c.default for name, c in CHOICES.items()}
    return Settings(**defaults)
