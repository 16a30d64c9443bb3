"""What cells of a file mean: units and territories by code or name, and the data's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.i18n import speaking
from lantian.observations.readers.table_header import key
from lantian.web.duties import words
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory

_ANY = frozenset(key(t) for t in ("", "any", "all", "不限", "任意", "全部", "—", "-"))


class Names:
    """The words of the moment; a file is read with one of these."""

    def __init__(self) -> None:
        self._territories = list(Territory.objects.all())
        self._words = {
            "sector": _both(words.sectors),
            "source_kind": _both(words.source_kinds),
            "problem_type": _both(words.problem_types),
            "grid": _both(words.grid_roles),
            "kind": _both(words.kinds),
        }

    def territory(self, text: str) -> Territory | None:
        """Return the territory of a code or name; None for an empty text.

        Raises
        ------
        UnknownNameError
            ``duties.unknown_territory``.
        """
        if key(text) in _ANY:
            return None
        found = [t for t in self._territories if t.code == text]
        found = found or [t for t in self._territories if t.name == text]
        if len(found) == 1:
            return found[0]
        if found:
            message = _("Several territories are called “{name}”; give its code.")
        else:
            message = _("There is no territory “{name}”.")
        raise UnknownNameError("duties.unknown_territory", message.format(name=text))

    def word(self, what: str, text: str) -> str:
        """Return the code of a sector, kind of source, problem type, role or kind; empty for any.

        Raises
        ------
        UnknownNameError
            ``duties.unknown_word``.
        """
        if key(text) in _ANY:
            return ""
        found = self._words[what].get(key(text))
        if found is None and what == "kind":
            found = words.find_kind(text)
        if found is None:
            raise UnknownNameError(
                "duties.unknown_word",
                _("“{text}” is not known; there are {known}.").format(
                    text=text, known=", ".join(sorted(set(self._words[what].values())))
                ),
            )
        return found

    def unit(self, text: str) -> Organisation | None:
        """Return the organisation of a code or of a name in use; None for an empty text.

        Raises
        ------
        UnknownNameError
            ``duties.unknown_unit``.
        """
        if key(text) in _ANY:
            return None
        found = (
            Organisation.objects.filter(code=text).first()
            or Organisation.objects.filter(name=text, valid_to=None).first()
        )
        if found is None:
            raise UnknownNameError(
                "duties.unknown_unit",
                _("There is no organisation “{name}”; enter it first, or give its code.").format(
                    name=text
                ),
            )
        return found

    def units(self, text: str) -> tuple[Organisation, ...]:
        """Return the organisations of a text that separates them by semicolons or 、.

        Raises
        ------
        UnknownNameError
            ``duties.unknown_unit``.
        """
        for sign in ("；", "、", "，", ","):
            text = text.replace(sign, ";")
        found = (self.unit(part.strip()) for part in text.split(";") if part.strip())
        return tuple(u for u in found if u is not None)


def _both(titles: Callable[[], Sequence[tuple[str, str]]]) -> Mapping[str, str]:
    """Return words in both languages, and codes themselves → code."""
    found: dict[str, str] = {}
    for language in ("zh", "en"):
        with speaking(language):  # type: ignore[arg-type]  # of the two
            rows = titles()
            found |= {key(t): code for code, title in rows for t in (code, title)}
    return found
