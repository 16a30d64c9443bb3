"""What is said of a photograph: its flags, and who says when and where it was taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access
from lantian.web.cases.models import Case
from lantian.web.evidence.flags import Flag, Known, distance

_OFFICE = "air"  # what every post but those of enterprises may see


def sees_flags(request: HttpRequest) -> bool:
    """Say whether somebody may know what is strange about photographs, and where others were.

    Not the enterprises: they would learn where who complained of them or checked them stood.
    """
    return _OFFICE in access(request)


def sentence(flag: Flag) -> str:
    """Return a flag in words, in the language in force."""
    return _SAID[flag.code](flag)


def told(known: Known, case: Case) -> list[tuple[str, str]]:
    """Return who says what of a photograph: the server, the device, the file."""
    rows = []
    arrival, claim = known.arrival, known.claim
    if arrival is not None:
        rows.append((_("Received"), _written(arrival.at)))
        parts = [_("clock {moment}").format(moment=_written(arrival.device_at))] * (
            arrival.device_at is not None
        )
        if arrival.lon is not None and arrival.accuracy is not None:
            parts += [_place(arrival.lon, arrival.lat or 0.0, distance(case, arrival)),
                      _("to {metres} m").format(metres=round(arrival.accuracy))]  # fmt: skip
        rows.append((_("The device said"), _(", ").join(parts) or _("nothing")))
    if claim is not None:
        parts = [] if claim.taken_at is None else [_written(claim.taken_at)]
        if claim.lon is not None and claim.lat is not None:
            parts.append(_place(claim.lon, claim.lat, distance(case, claim)))
        parts += [claim.camera] if claim.camera else []
        rows.append((_("The file claims"), _(", ").join(parts) or _("nothing")))
    return rows


def _place(lon: float, lat: float, metres: float | None) -> str:
    place = f"{lon:.5f}, {lat:.5f}"
    if metres is None:
        return place
    return _("{place}, {metres} m from the source").format(place=place, metres=f"{metres:,.0f}")


def _reused(flag: Flag) -> str:
    if flag.same:
        return _("The same file was used before")
    return _("The same photograph was used before, changed")


def _stale(flag: Flag) -> str:
    says = {
        "file": _("Taken {moment} by its own account, before the order of {order}"),
        "server": _("First received {moment}, before the order of {order}"),
    }[flag.by]
    return says.format(moment=_written(flag.at), order=_written(flag.order))


def _far(flag: Flag) -> str:
    says = {
        "file": _("Taken {metres} m from the source, by its own account"),
        "device": _("Sent {metres} m from the source"),
    }[flag.by]
    return says.format(metres=f"{flag.metres or 0:,.0f}")


def _no_position(_flag: Flag) -> str:
    return _("The device gave no position")


def _written(moment: datetime | None) -> str:
    return "" if moment is None else timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


_SAID: Mapping[str, Callable[[Flag], str]] = {
    "reused": _reused, "stale": _stale, "far": _far, "no_position": _no_position,
}  # fmt: skip
