"""The hash of an event: SHA-256 of its fields and of the hash before, as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring as quote
from typing import Any

GENESIS = "0" * 64
FIELDS = (
    "id", "at", "actor_id", "actor_name", "action", "object_type", "object_id", "object_label",
    "data", "address", "request", "previous",
)  # fmt: skip
# The fields by name, as canonical JSON has them; written out because a long log is hashed often.
_TEXT = (
    '{{"action":{},"actor_id":{},"actor_name":{},"address":{},"at":"{}","data":{},"id":{},'
    '"object_id":{},"object_label":{},"object_type":{},"previous":{},"request":{}}}'
).format


def canonical(data: Mapping[str, Any]) -> str:
    """Return data as canonical JSON: keys sorted, no blanks, no NaN, Unicode as it is.

    Raises
    ------
    TypeError, ValueError
        A value that JSON has no form for.
    """
    return json.dumps(
        data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )


def digest(values: Sequence[Any]) -> str:
    """Return the hash of an event [64 hexadecimal digits].

    Parameters
    ----------
    values
        Those of :data:`FIELDS`, in that order; ``at`` an aware datetime to the microsecond.
    """
    number, at, actor, name, action, kind, key, label, data, address, request, previous = values
    text = _TEXT(
        quote(action), "null" if actor is None else int(actor), quote(name), quote(address),
        stamp(at), quote(data), int(number), quote(key), quote(label), quote(kind),
        quote(previous), quote(request),
    )  # fmt: skip
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stamp(at: datetime) -> str:
    """Return a moment as it is hashed and anchored: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
