"""One-time codes that administrators hand out: how they look, and whether one is right."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from lantian.web.accounts.models import OneTimeCode, User

LASTS = timedelta(hours=24)
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32, without those that are read for one another
_LENGTH = 12  # 60 random bits
_GROUP = 4


def fresh() -> str:
    """Return a new code, in groups as it is read out."""
    code = "".join(secrets.choice(_SIGNS) for _n in range(_LENGTH))
    return "-".join(code[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def digest(code: str) -> str:
    """Return what is kept of a code; capitals and hyphens do not matter."""
    bare = "".join(c for c in code.upper() if c.isalnum())
    return salted_hmac("lantian.accounts.code", bare, algorithm="sha256").hexdigest()


def valid(user: User | None, code: str) -> OneTimeCode | None:
    """Return the code that was issued, if it is right and still works; takes as long if not."""
    given = digest(code)
    rows = OneTimeCode.objects.filter(
        user_id=0 if user is None else user.pk, used_at=None, expires_at__gt=timezone.now()
    )
    return next((row for row in rows if constant_time_compare(row.digest, given)), None)
