"""The kinds of documents: data of ``kinds.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from lantian.errors import UnknownNameError
from lantian.i18n import active
from lantian.i18n import gettext as _

By = Literal["office", "unit", "reinspector"]
_FILE = Path(__file__).with_name("kinds.toml")


@dataclass(frozen=True)
class Ask:
    """Something that is typed for a document; ``proposed``: what it is filled in with."""

    code: str
    zh: str
    en: str
    kind: Literal["line", "text", "moment"]
    required: bool
    proposed: str = ""

    @property
    def title(self) -> str:
        """Return its label in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Kind:
    """A kind of document; the fields are explained at the head of ``kinds.toml``."""

    code: str
    words: Mapping[str, Any]
    mark: str
    by: By
    actions: tuple[str, ...]
    rungs: tuple[str, ...]
    asks: tuple[Ask, ...]

    @property
    def title(self) -> str:
        """Return what stands at its head, in the language in force."""
        return str(self.say("", active()))

    @property
    def short(self) -> str:
        """Return what it is called in lists, in the language in force."""
        return str(self.say("short", active()))

    @property
    def boxes(self) -> tuple[str, ...]:
        """Return where people sign, in the language in force."""
        return tuple(self.say("boxes", active()))

    def say(self, name: str, language: str) -> Any:  # noqa: ANN401 - a text, or a list of them
        """Return words of the kind in a language, e.g. ``opening``; empty: its title."""
        return self.words[f"{name}_{language}" if name else language]


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds by code, in their order."""
    return {row["code"]: _kind(row) for row in tomllib.loads(_FILE.read_text("utf-8"))["kinds"]}


def kind_of(code: str) -> Kind:
    """Return a kind.

    Raises
    ------
    UnknownNameError
        ``documents.unknown_kind``.
    """
    found = kinds().get(code)
    if found is None:
        raise UnknownNameError(
            "documents.unknown_kind",
            _("There is no kind of document “{code}”.").format(code=code),
        )
    return found


def _kind(row: Mapping[str, Any]) -> Kind:
    after = row["after"]
    names = ("", "short_", "opening_", "closing_", "boxes_")
    words = {f"{n}{lang}": row[f"{n}{lang}"] for n in names for lang in ("zh", "en")}
    return Kind(
        code=row["code"], words=words, mark=row["mark"], by=cast(By, row["by"]),
        actions=tuple(after.get("actions", ())), rungs=tuple(after.get("rungs", ())),
        asks=tuple(Ask(**ask) for ask in row["asks"]),
    )  # fmt: skip
