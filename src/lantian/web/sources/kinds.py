"""The kinds of sources and what is kept of each. Data: ``kinds.toml``, ``grades.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from lantian.i18n import active

Type = Literal["text", "integer", "number", "yes_no", "choice", "choices", "date"]
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Word:
    """Something with a stable code and a name in both languages."""

    code: str
    zh: str
    en: str

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Attribute(Word):
    """What is kept of the sources of one kind.

    Parameters
    ----------
    unit_zh, unit_en
        Empty: none.
    least, most
        Of a number, inclusive; None: no limit.
    pattern
        What a text must match in whole; empty: anything.
    """

    type: Type
    required: bool = False
    unit_zh: str = ""
    unit_en: str = ""
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    choices: tuple[Word, ...] = ()

    @property
    def unit(self) -> str:
        """Return its unit in the language in force; empty for none."""
        return self.unit_zh if active() == "zh" else self.unit_en

    @property
    def hint(self) -> str:
        """Return what helps to fill it in, in the language in force."""
        return self.hint_zh if active() == "zh" else self.hint_en

    @property
    def label(self) -> str:
        """Return its name with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True)
class Kind(Word):
    """A kind of source.

    Parameters
    ----------
    sign_zh, sign_en
        What stands on its dot on a map.
    sector
        The usual one.
    shapes
        Types of GeoJSON geometries its extent may be.
    permits
        Whether a unit with a credit code, a permit and a performance grade runs it.
    measures
        What must be in place before ground is broken; without any, nothing of this kind is planned.
    """

    sign_zh: str
    sign_en: str
    sector: str
    shapes: tuple[str, ...]
    stacks: bool
    permits: bool
    attributes: tuple[Attribute, ...]
    measures: tuple[Word, ...] = ()

    @property
    def sign(self) -> str:
        """Return its sign on a map, in the language in force."""
        return self.sign_zh if active() == "zh" else self.sign_en

    def attribute(self, code: str) -> Attribute | None:
        """Return one of its attributes; None: it has none of this code."""
        return next((a for a in self.attributes if a.code == code), None)


def _words(table: Mapping[str, Mapping[str, str]]) -> tuple[Word, ...]:
    return tuple(Word(code, row["zh"], row["en"]) for code, row in table.items())


def _attribute(code: str, row: Mapping[str, Any]) -> Attribute:
    given = {k: v for k, v in row.items() if k not in ("unit", "unit_en", "choices")}
    unit = row.get("unit", "")
    return Attribute(
        code=code, unit_zh=unit, unit_en=row.get("unit_en", unit),
        choices=_words(row.get("choices", {})), **given,
    )  # fmt: skip


def _kind(code: str, row: Mapping[str, Any]) -> Kind:
    made: dict[str, Any] = {
        **row,
        "shapes": tuple(row["shapes"]),
        "attributes": tuple(_attribute(c, a) for c, a in row["attributes"].items()),
        "measures": _words(row.get("measures", {})),
    }
    return Kind(code=code, **made)


def _load(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {code: _kind(code, row) for code, row in _load("kinds.toml").items()}
)
GRADES: Mapping[str, Word] = MappingProxyType({w.code: w for w in _words(_load("grades.toml"))})


def titles(words: Sequence[Word]) -> list[tuple[str, str]]:
    """Return code and name of each, for a field that offers them."""
    return [(w.code, w.title) for w in words]
