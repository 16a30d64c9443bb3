"""The second factor of a person: which there is, and whether a code is right."""

from __future__ import annotations

import secrets
import time
from base64 import b32encode
from binascii import unhexlify
from datetime import datetime
from urllib.parse import quote, urlencode

from django_otp import verify_token
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from lantian.web.accounts.models import User

RECOVERY_CODES = 10
DIGITS = 6
_STEP = 30  # s
_TOLERANCE = 1  # steps before and after the present one
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 10


def fresh_key() -> str:
    """Return a new secret [20 random bytes, hexadecimal]."""
    return random_hex(20)


def device_of(user: User) -> TOTPDevice | None:
    """Return the confirmed device of a person; None: the second factor is off."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


def recovery_left(user: User) -> int:
    """Return how many recovery codes were not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


def matching_step(key: str, code: str) -> int | None:
    """Return the time step whose code this is; None: it is none of the present ones."""
    digits = only_digits(code)
    if digits is None:
        return None
    totp = TOTP(unhexlify(key), _STEP, 0, DIGITS, 0)
    totp.time = time.time()
    return totp.t() if totp.verify(int(digits), _TOLERANCE) else None


def only_digits(code: str) -> str | None:
    """Return the six digits of a code, however they were grouped; None: it has not six."""
    bare = "".join(code.split())
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdigit() else None


def check(user: User, code: str) -> Device | None:
    """Return the device that accepts a code: of the app (once), or a recovery code (once).

    django-otp counts failures and makes the person wait after them, twice as long each time.
    """
    digits = only_digits(code)
    if digits is not None:
        device: Device | None = device_of(user)
        given = digits
    else:
        device = StaticDevice.objects.filter(user=user).first()
        given = "".join(c for c in code.lower() if c.isalnum())
    if device is None:
        return None
    return verify_token(user, device.persistent_id, given)


def wait_until(user: User) -> datetime | None:
    """Return until when no code is looked at after wrong ones; None: one may be given now."""
    found = []
    for device in (device_of(user), StaticDevice.objects.filter(user=user).first()):
        if device is not None:
            allowed, why = device.verify_is_allowed()
            if not allowed and why is not None and "locked_until" in why:
                found.append(why["locked_until"])
    return max(found, default=None)


def make_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of a person and return the new ones, in groups."""
    device, _made = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery"})
    device.token_set.all().delete()
    codes = [
        "".join(secrets.choice(_SIGNS) for _n in range(_LENGTH)) for _code in range(RECOVERY_CODES)
    ]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=c) for c in codes)
    return [f"{c[:5]}-{c[5:]}" for c in codes]


def secret_text(key: str) -> str:
    """Return a secret as it is typed into an app: base 32, in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def picture(key: str, name: str, issuer: str) -> str:
    """Return the QR code of a secret as inline SVG without style attributes.

    Parameters
    ----------
    name, issuer
        What the app calls the entry.
    """
    label = quote(f"{issuer.replace(':', ' ')}:{name.replace(':', ' ')}")
    query = urlencode(
        {
            "secret": b32encode(unhexlify(key)).decode(),
            "issuer": issuer.replace(":", " "),
            "digits": DIGITS,
            "period": _STEP,
        },
        quote_via=quote,
    )
    import segno

    code = segno.make(f"otpauth://totp/{label}?{query}", error="m")
    return code.svg_inline(scale=4, svgclass="qr", lineclass=None, omitsize=False)
