"""How names and phone numbers are written, so that one text means one person."""

from __future__ import annotations

import re
import unicodedata

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

# A name made of these alone could be taken for a phone number.
PHONE_SIGNS = "+0123456789()-. "
NAME_LENGTH = 80
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_CHINA = re.compile(r"(?:\+|00)86(?=\d{5})|86(?=1\d{10}$)")


def as_phone(text: str) -> str:
    """Return a text as phone numbers are kept: digits, with ``+`` and country unless Chinese."""
    bare = re.sub(r"[\s().\-‐-―−]", "", unicodedata.normalize("NFKC", text))
    return _CHINA.sub("", bare, count=1)


def phone(text: str | None) -> str | None:
    """Return a phone number as it is kept; None for an empty text.

    Raises
    ------
    InvalidArgumentError
        ``accounts.bad_phone``.
    """
    bare = as_phone(text or "")
    if not bare:
        return None
    if not _PHONE.fullmatch(bare):
        raise InvalidArgumentError(
            "accounts.bad_phone",
            _("“{text}” is not a phone number; write its digits, e.g. 13800000000.").format(
                text=text
            ),
        )
    return bare


def name(text: str) -> str:
    """Return a name as it is kept: composed characters, single blanks.

    Raises
    ------
    InvalidArgumentError
        ``accounts.bad_name``: empty, too long, with control characters, or like a phone number.
    """
    bare = " ".join(unicodedata.normalize("NFC", text).split())
    if not bare or len(bare) > NAME_LENGTH:
        raise InvalidArgumentError(
            "accounts.bad_name",
            _("A name has 1 to {most} characters.").format(most=NAME_LENGTH),
        )
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in bare):
        raise InvalidArgumentError(
            "accounts.bad_name", _("The name has characters that cannot be seen.")
        )
    if not as_phone(bare).strip(PHONE_SIGNS):  # dashes of all kinds, as in a number that is typed
        raise InvalidArgumentError(
            "accounts.bad_name",
            _("“{text}” looks like a phone number; a name needs letters.").format(text=bare),
        )
    return bare


def masked(number: str | None) -> str:
    """Return a phone number for the log: enough to recognise it, not enough to call it."""
    return "" if not number else f"{number[:3]}****{number[-4:]}" if len(number) > 8 else "****"


def masked_email(address: str) -> str:
    """Return an e-mail address for the log: its first character and its host."""
    local, at, host = address.partition("@")
    return f"{local[:1]}***{at}{host}" if address else ""
