"""Which events there are: a dotted name and the sentence a page shows for it."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from lantian.i18n import gettext as _

_SENTENCES: dict[str, str] = {}


def N_(message: str) -> str:  # noqa: N802 - the customary name of a marker for extraction
    """Mark a sentence that is translated when it is shown."""
    return message


def declare(sentences: Mapping[str, str]) -> None:
    """Make the events of an app known; call it in the app's ``events.py``.

    Parameters
    ----------
    sentences
        Dotted name, such as ``places.station_changed`` → English sentence marked with
        :func:`N_`, such as “Changed a station”.
    """
    for name, sentence in sentences.items():
        if _SENTENCES.get(name, sentence) != sentence:
            message = f"The event {name!r} is declared twice with different sentences."
            raise ImproperlyConfigured(message)
        _SENTENCES[name] = sentence


def known(action: str) -> bool:
    """Say whether an event of this name was declared."""
    return action in _SENTENCES


def sentence(action: str) -> str:
    """Return what a page shows for an event; the bare name for one of a later version."""
    return _(_SENTENCES[action]) if action in _SENTENCES else action


def names() -> list[str]:
    """Return all declared names, sorted, so that those of one app stand together."""
    return sorted(_SENTENCES)
