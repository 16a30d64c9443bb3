"""Reports of the public: who may send how many, the code they are followed by, what is told."""

from __future__ import annotations

import hashlib
import secrets
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import salted_hmac

from lantian.errors import DomainError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.web.accounts.actions.signing import network_of
from lantian.web.cases.actions import Report
from lantian.web.cases.intake.landing import Origin, land
from lantian.web.cases.models import Case, Incoming
from lantian.web.cases.rules import Rules

_DATA = tomllib.loads(Path(__file__).with_name("public.toml").read_text(encoding="utf-8"))
CHOICES: tuple[str, ...] = tuple(_DATA["choices"])
PHOTOS: int = _DATA["photos"]
PHOTO_SIDE: int = _DATA["photo_px"]
DAYS_BACK: int = _DATA["days_back"]
HOURLY: int = _DATA["hourly"]
DAILY: int = _DATA["daily"]
TRIES: int = _DATA["tries"]
_LENGTH: int = _DATA["code_digits"]
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is taken for another
_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """What a reporter learns: the state in their words, and when they sent it."""

    words: str
    at: datetime


def is_open() -> bool:
    """Say whether anybody may report: where the office switched it on, and in simulated homes."""
    return bool(settings.WEB.public_reports or settings.HOME.settings.simulated)


def send(report: Report, rules: Rules, *, address: str, now: datetime) -> str:
    """Take a report of the public in, and return the code it is followed by.

    Raises
    ------
    DomainError
        ``cases.too_many_reports``, or as of :func:`lantian.web.cases.actions.take_in`.
    """
    sender = sender_of(address)
    code = "".join(secrets.choice(_SIGNS) for _n in range(_LENGTH))
    with transaction.atomic():
        land(
            report,
            _("the public"),
            rules,
            now=now,
            origin=Origin("public", _digest(code), sender=sender),
        )
        # counted again behind the lock of the case's number: many at once pass the first count
        _within(sender, now, HOURLY + 1, DAILY + 1)
        # where a report came from is kept no longer than it takes to limit them
        old = Incoming.objects.filter(kind="public", at__lte=now - _DAY)
        old.exclude(sender="").update(sender="")
    return "-".join(code[n : n + 4] for n in range(0, _LENGTH, 4))


def check_rate(sender: str, now: datetime) -> None:
    """Refuse what would be one too many; before anything is read or stored.

    Raises
    ------
    DomainError
        ``cases.too_many_reports``.
    """
    _within(sender, now, HOURLY, DAILY)
    # What is refused for its photographs makes no row, but costs as much to look at.
    key = f"public-tries-{sender}"
    tries = cache.get(key, 0) + 1
    cache.set(key, tries, int(_HOUR.total_seconds()))
    if tries > TRIES:
        raise _too_many()


def _within(sender: str, now: datetime, hourly: int, daily: int) -> None:
    rows = Incoming.objects.filter(kind="public")
    if rows.filter(sender=sender, at__gt=now - _HOUR).count() >= hourly:
        raise _too_many()
    if rows.filter(at__gt=now - _DAY).count() >= daily:
        raise DomainError(
            "cases.too_many_reports",
            _("No more reports are taken in here today. Ring the hotline."),
        )


def _too_many() -> DomainError:
    return DomainError(
        "cases.too_many_reports",
        _("Too many reports have come from here. Try again in an hour, or ring the hotline."),
    )


def sender_of(address: str) -> str:
    """Return a digest of what one visitor has; it says nothing without the key of the home."""
    return salted_hmac("lantian.public", network_of(address), algorithm="sha256").hexdigest()


def told(code: str) -> Told | None:
    """Return how a report stands, of the code as somebody types it; None: there is none such."""
    clean = code.upper().translate(_READ)
    row = Incoming.objects.filter(kind="public", key=_digest(clean)).select_related("case").first()
    if row is None:
        return None
    case: Case = row.case
    while case.merged_into is not None:  # it goes on as the other
        case = case.merged_into
    words = next(w for w in _DATA["told"].values() if case.state in w["states"])
    return Told(words["zh" if active() == "zh" else "en"], row.at)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
