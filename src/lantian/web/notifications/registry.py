"""Which kinds of notices there are: a dotted name, what a filter calls it, and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from lantian.i18n import active
from lantian.i18n import gettext as _

_KINDS: dict[str, Kind] = {}


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    Parameters
    ----------
    title
        What a filter calls it; several kinds may share one. Marked for translation.
    sentence
        With the names of its data in braces. Marked for translation.
    """

    title: str
    sentence: str


def declare(kinds: Mapping[str, Kind]) -> None:
    """Make the kinds of an app known; call it in the app's ``notices.py``."""
    for name, kind in kinds.items():
        if _KINDS.get(name, kind) != kind:
            message = f"The notice {name!r} is declared twice with different sentences."
            raise ImproperlyConfigured(message)
        _KINDS[name] = kind


def sentence(name: str, data: Mapping[str, Any]) -> str:
    """Return what a notice says in the language in force; the bare name for one of a later version.

    A value of the data may be a mapping of ``zh`` and ``en``.

    Raises
    ------
    KeyError
        The data lack something the sentence names.
    """
    if name not in _KINDS:
        return name
    words = {k: v[active()] if isinstance(v, dict) else v for k, v in data.items()}
    return _(_KINDS[name].sentence).format(**words)


def known(name: str) -> bool:
    """Say whether a kind of this name was declared."""
    return name in _KINDS


def titles() -> list[tuple[str, str]]:
    """Return the title of each group of kinds, as it is declared and in the language in force."""
    return [(t, _(t)) for t in dict.fromkeys(k.title for k in _KINDS.values())]


def of_title(title: str) -> list[str]:
    """Return the names of the kinds that share a title."""
    return [name for name, kind in _KINDS.items() if kind.title == title]
