"""A table of rules read from TOML and checked value by value, with every error named by its field.

What is wrong is collected, so that a person sees all of it at once. The value that stands in for a
wrong one is never used: whoever reads a table refuses it when ``problems`` is not empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from lantian.errors import Problem
from lantian.i18n import gettext as _


class TableReader:
    """Reads one table.

    Parameters
    ----------
    origin
        What a person knows the table by.
    code
        Of the problems it finds.
    """

    def __init__(self, table: Mapping[str, Any], origin: str, code: str) -> None:
        self.table = table
        self.origin = origin
        self.code = code
        self.problems: list[Problem] = []

    def tables(self, at: str) -> dict[str, Mapping[str, Any]]:
        """Return the tables under a field of the top by name."""
        given = self.of(at, self.table.get(at), dict, {})
        return {code: self.of(f"{at}.{code}", said, dict, {}) for code, said in given.items()}

    def of(self, at: str, given: object, kind: type, instead: Any) -> Any:  # noqa: ANN401 - TOML
        """Return a table or a list; ``instead`` where it is none."""
        if isinstance(given, kind):
            return given
        said = _("it must be a table") if kind is dict else _("it must be a list")
        self.wrong(at, said if given is not None else _("it is missing"), given)
        return instead

    def only(self, at: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
        """Refuse fields that are not known."""
        for name in given:
            if name not in known:
                self.wrong(
                    f"{at}.{name}" if at else name,
                    _("there is no such field; known are {names}").format(names=", ".join(known)),
                )

    def choice(self, at: str, given: object, known: Any) -> str:  # noqa: ANN401 - a collection
        """Return one of what is known."""
        if isinstance(given, str) and given in known:
            return given
        if given is None:
            self.wrong(at, _("it is missing"))
        else:
            names = ", ".join(known)
            self.wrong(at, _("it must be one of {names}").format(names=names), given)
        return ""

    def choices(self, at: str, given: object, known: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of what is known, each once."""
        found = self.of(at, given, list, [])
        for one in found:
            self.choice(at, one, known)
        if len(set(map(str, found))) < len(found):
            self.wrong(at, _("a kind stands twice"))
        return tuple(found)

    def text(self, at: str, given: object, most: int) -> str:
        """Return a text of 1 to ``most`` characters without blanks around it."""
        if isinstance(given, str) and given.strip() == given and 0 < len(given) <= most:
            return given
        self.wrong(at, _("it must be a text of 1 to {most} characters").format(most=most), given)
        return ""

    def matching(self, at: str, given: object, pattern: re.Pattern[str]) -> str:
        """Return a text that a pattern matches in whole."""
        if isinstance(given, str) and pattern.fullmatch(given):
            return given
        self.wrong(at, _("it must match {pattern}").format(pattern=pattern.pattern), given)
        return ""

    def whole(self, at: str, given: object, least: int, most: int) -> int:
        """Return a whole number from ``least`` to ``most``."""
        if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
            return given
        said = _("it must be a whole number from {least} to {most}")
        self.wrong(at, said.format(least=least, most=most), given)
        return least

    def yes_no(self, at: str, given: object) -> bool:
        """Return true or false."""
        if isinstance(given, bool):
            return given
        self.wrong(at, _("it must be true or false"), given)
        return False

    def day(self, at: str, given: object) -> date:
        """Return a day."""
        if isinstance(given, date) and not isinstance(given, datetime):
            return given
        self.wrong(at, _("it must be a day such as 2027-01-01"), given)
        return date.min

    def wrong(self, at: str, said: str, given: object = None) -> None:
        """Note what is wrong in a place."""
        value = None if given is None else str(given)
        self.problems.append(Problem(self.origin, said, self.code, column=at, value=value))
