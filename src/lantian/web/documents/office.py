"""What the office sets of its documents: letterhead, who signs, numbering, wording.

Kept in ``rules/documents/office.toml`` of the home; what is not set there is as shipped.
"""

from __future__ import annotations

import json
import string
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.layout import RULES, Home
from lantian.i18n import Language
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.web.documents.kinds import Kind, kinds

FOLDER = Path(RULES) / "documents"
FILE = FOLDER / "office.toml"
PATTERN = "{mark}〔{year}〕{number}号"
IN_NUMBER = frozenset({"mark", "year", "number"})
IN_WORDS = frozenset({"addressee", "case", "title", "problem", "source", "answer_by", "place"})
WORDS = ("opening", "closing")
_TEXTS = frozenset({"letterhead", "signed", "language"})
_OF_KIND = frozenset({"pattern", "mark", *WORDS})


@dataclass(frozen=True)
class Office:
    """The choices of one office.

    Parameters
    ----------
    own
        By kind, what it set otherwise than shipped: ``pattern``, ``mark``, ``opening``,
        ``closing``.
    """

    letterhead: str
    signed: str
    language: Language
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def words(self, kind: Kind, name: str) -> str:
        """Return ``opening`` or ``closing`` of a kind, with the places to be filled in."""
        return self.own.get(kind.code, {}).get(name, str(kind.say(name, self.language)))

    def pattern(self, kind: Kind) -> str:
        """Return the pattern of the numbers of a kind."""
        return self.own.get(kind.code, {}).get("pattern", PATTERN)

    def mark(self, kind: Kind) -> str:
        """Return what the numbers of a kind begin with."""
        return self.own.get(kind.code, {}).get("mark", kind.mark)

    def number(self, kind: Kind, year: int, number: int) -> str:
        """Return a number as printed."""
        return self.pattern(kind).format(mark=self.mark(kind), year=year, number=number)


def load(home: Home, language: Language) -> Office:
    """Return the choices of a home; ``language`` of documents where it set none.

    Raises
    ------
    DomainError
        ``documents.bad_settings``: the file cannot be used.
    """
    path = home.path / FILE
    try:
        kept = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        kept = {}
    except (OSError, ValueError) as error:
        raise _unusable(str(error)) from error
    own = kept.pop("kinds", {})
    texts = [*kept.values(), *(v for row in own.values() for v in row.values())]
    known = kept.keys() <= _TEXTS and all(
        code in kinds() and row.keys() <= _OF_KIND for code, row in own.items()
    )
    if not known or not all(isinstance(t, str) for t in texts):
        raise _unusable(_("it has entries that are not known"))
    letterhead = kept.get("letterhead") or home.settings.name
    office = Office(
        letterhead, kept.get("signed") or letterhead,
        cast(Language, kept.get("language") or language), own,
    )  # fmt: skip
    try:
        check(office)
    except InvalidArgumentError as error:
        raise _unusable(error.message) from error
    return office


def save(home: Home, office: Office) -> None:
    """Write the choices of an office.

    Raises
    ------
    InvalidArgumentError
        What :func:`check` objects to.
    """
    check(office)
    lines = [f"{name} = {_quoted(getattr(office, name))}" for name in sorted(_TEXTS)]
    for code, row in office.own.items():
        lines += ["", f"[kinds.{code}]", *(f"{n} = {_quoted(v)}" for n, v in sorted(row.items()))]
    path = home.path / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def check(office: Office) -> None:
    """Object to a pattern without year or number, and to words with unknown places.

    Raises
    ------
    InvalidArgumentError
        ``documents.bad_language``, ``documents.bad_pattern``, ``documents.bad_words``.
    """
    if office.language not in ("zh", "en"):
        raise InvalidArgumentError(
            "documents.bad_language", _("Documents are written in zh or en.")
        )
    for code, row in office.own.items():
        kind = kinds()[code]
        if "pattern" in row:
            named = _places(kind, row["pattern"], IN_NUMBER, "documents.bad_pattern")
            if not named >= {"year", "number"}:
                raise InvalidArgumentError(
                    "documents.bad_pattern",
                    _("{kind}: a number needs {{year}} and {{number}}.").format(kind=kind.short),
                )
        for name in WORDS:
            _places(kind, row.get(name, ""), IN_WORDS, "documents.bad_words")


def _places(kind: Kind, text: str, known: Collection[str], code: str) -> set[str]:
    """Return the places in a text, which are plain names and all known."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise InvalidArgumentError(
            code, _("{kind}: “{text}” has a brace too many.").format(kind=kind.short, text=text)
        ) from error
    named = {name for _text, name, _spec, _how in parts if name is not None}
    plain = all(not spec and how is None for _text, _name, spec, how in parts)
    unknown = sorted(named - set(known))
    if unknown or not plain:
        raise InvalidArgumentError(
            code,
            _("{kind}: {unknown} is not known; write {known}.").format(
                kind=kind.short, unknown=", ".join(f"{{{n}}}" for n in unknown) or text,
                known=", ".join(f"{{{n}}}" for n in sorted(known)),
            ),
        )  # fmt: skip
    return named


def _quoted(text: str) -> str:
    """Return a TOML string: JSON's escapes are among those of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unusable(reason: Any) -> DomainError:  # noqa: ANN401 - a text, or an error
    return DomainError(
        "documents.bad_settings",
        _("{file} cannot be used: {reason}. Correct or remove it.").format(
            file=FILE.as_posix(), reason=reason
        ),
    )
