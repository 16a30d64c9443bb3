"""Chinese and English through gettext.

Messages are written in English in the code and translated by ``locale/zh_CN``. The library speaks
English until an interface activates a language; interfaces choose Chinese unless told otherwise.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]

LOCALE_DIR = Path(__file__).parent / "locale"
_DOMAIN = "lantian"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_active: ContextVar[Language] = ContextVar("lantian_language", default="en")


@cache
def _translations(language: Language) -> _gettext.NullTranslations:
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(_DOMAIN, LOCALE_DIR, languages=["zh_CN"])


def activate(language: Language) -> None:
    """Speak ``language`` from here on, in this context."""
    _active.set(language)


def active() -> Language:
    """Return the language in force."""
    return _active.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak ``language`` inside the block, and what was spoken before after it."""
    before = active()
    activate(language)
    try:
        yield
    finally:
        activate(before)


def gettext(message: str) -> str:
    """Translate ``message`` into the language in force; import as ``_``."""
    return _translations(_active.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate with the plural form for ``n``."""
    return _translations(_active.get()).ngettext(singular, plural, n)


def from_environment(environ: Mapping[str, str]) -> Language:
    """Choose the interface language: ``LANTIAN_LANG``, then the locale, else Chinese."""
    for name in ("LANTIAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "").lower()
        if value.startswith("en"):
            return "en"
        if value.startswith("zh"):
            return "zh"
    return "zh"
