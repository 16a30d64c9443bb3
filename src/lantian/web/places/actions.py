"""What a person may do to territories and to the station register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from lantian.errors import BadInputError, DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations import datum as datums
from lantian.observations.stations import REGISTER, conform, empty
from lantian.web.air.actions import permit
from lantian.web.air.audited import landing
from lantian.web.audit.actors import Actor, system
from lantian.web.audit.chain import record
from lantian.web.core.air import network
from lantian.web.places.models import Territory
from lantian.web.places.planning import Plan, plan
from lantian.web.places.queries import LEVELS
from lantian.web.places.reading import as_geometry, features, read

_NEEDS = "places.manage"


def load(geojson: Mapping[str, Any], *, datum: str, actor: str) -> int:
    """Enter the territories of a feature collection; return how many it holds.

    Those known by their code, or by name and parent, are updated; entering the same again changes
    nothing.

    Raises
    ------
    BadInputError
        ``territories.bad_rows`` with everything that is wrong; then nothing is entered.
    """
    with transaction.atomic():
        made = plan(*features(geojson, datums.find_datum(datum)), "GeoJSON")
        _carry_out(made, "GeoJSON", system(actor))
    return len(made.entries)


def planned(path: Path, datum: str) -> Plan:
    """Return what `enter` would do.

    Raises
    ------
    BadInputError
        The file cannot be read.
    """
    return plan(*read(path, datum), path.name)


def enter(actor: Actor, path: Path, datum: str, *, expected: str) -> Plan:
    """Enter the territories of a file: all of them, or nothing.

    Parameters
    ----------
    expected
        Fingerprint of the plan the person saw.

    Raises
    ------
    BadInputError
        ``territories.bad_rows``.
    DomainError
        ``store.not_as_shown``.
    """
    permit(actor, _NEEDS)
    with transaction.atomic():
        list(Territory.objects.select_for_update().values_list("pk", flat=True))
        made = planned(path, datum)
        if made.fingerprint != expected:
            raise _not_as_shown()
        _carry_out(made, path.name, actor)
    return made


def change(actor: Actor, code: str, *, name: str, parent: str) -> Territory:
    """Give a territory another name or another parent (its code; empty: none).

    Raises
    ------
    UnknownNameError
        ``territories.unknown``.
    InvalidArgumentError
        ``territories.no_name``, ``territories.not_above``.
    """
    permit(actor, _NEEDS)
    with transaction.atomic():
        territory = _territory(code)
        above = _territory(parent) if parent else None
        if not name.strip():
            raise InvalidArgumentError("territories.no_name", _("The territory needs a name."))
        if above is not None and LEVELS.index(above.level) >= LEVELS.index(territory.level):
            raise InvalidArgumentError(
                "territories.not_above",
                _("{parent} is not of a higher level than {name}.").format(
                    parent=above.name, name=territory.name
                ),
            )
        before = {"name": territory.name, "parent": _code_of(territory.parent)}
        territory.name, territory.parent = name.strip(), above
        after = {"name": territory.name, "parent": _code_of(above)}
        if before != after:
            territory.save()
            told = {"before": before, "after": after}
            record("territories.changed", territory, told, actor=actor)
    return territory


def delete(actor: Actor, code: str) -> None:
    """Delete a territory on which nothing hangs.

    Raises
    ------
    UnknownNameError
        ``territories.unknown``.
    DomainError
        ``territories.in_use``.
    """
    permit(actor, _NEEDS)
    with transaction.atomic():
        territory = _territory(code)
        about = {"code": code, "name": territory.name, "level": territory.level,
                 "parent": _code_of(territory.parent)}  # fmt: skip
        thing = ("places.territory", str(territory.pk), territory.name)
        try:
            territory.delete()
        except ProtectedError as error:
            raise DomainError(
                "territories.in_use",
                _(
                    "{name} cannot be deleted: territories belong to it, or people hold posts for "
                    "it. Move or end those first."
                ).format(name=territory.name),
                {"code": code},
            ) from error
        record("territories.deleted", thing, about, actor=actor)


def merged(read_: pl.DataFrame, *, replace: bool) -> pl.DataFrame:
    """Return the register after an import: stations read take the place of the same id."""
    before = settings.HOME.store.stations()
    if before is None or replace:
        return conform(read_)
    kept = before.filter(~pl.col("station").is_in(read_["station"].implode()))
    return conform(pl.concat([kept.select(list(REGISTER)), read_.select(list(REGISTER))]))


def import_stations(
    actor: Actor, register: pl.DataFrame, *, standing: int, about: Mapping[str, Any]
) -> int:
    """Save a register that a file brought, and return its version.

    Parameters
    ----------
    standing
        Version the person compared it with.
    about
        What the log keeps of it.

    Raises
    ------
    DomainError
        ``store.not_as_shown``, ``store.locked``.
    """
    return _save(actor, "stations.imported", register, standing=standing, about=about)


def change_station(actor: Actor, row: Mapping[str, Any], *, standing: int) -> int:
    """Change one station, or add one, and return the version of the register.

    Parameters
    ----------
    row
        Columns of the register; a position with the ``datum`` it is given in.

    Raises
    ------
    BadInputError
        ``stations.bad_rows``.
    InvalidArgumentError
        ``datum.outside``.
    DomainError
        ``store.not_as_shown``.
    """
    register = settings.HOME.store.stations()
    register = empty() if register is None else register
    station = row["station"]
    old = register.filter(pl.col("station") == station)
    made = dict(row)
    if made.get("lon") is not None and made.get("lat") is not None and made.get("datum"):
        lon, lat = datums.to_wgs84([made["lon"]], [made["lat"]], made["datum"])
        made |= {"lon": round(float(lon[0]), 8), "lat": round(float(lat[0]), 8)}
    others = register.filter(pl.col("station") != station)
    new = pl.DataFrame([{**dict.fromkeys(REGISTER), **made}], schema=REGISTER)
    after = conform(pl.concat([others, new]).sort("station"))
    about = {
        "before": _plain(old.row(0, named=True)) if old.height else None,
        "after": _plain(after.filter(pl.col("station") == station).row(0, named=True)),
    }
    thing = ("station", str(station), str(made.get("name") or station))
    return _save(actor, "stations.changed", after, standing=standing, about=about, thing=thing)


def restore_version(actor: Actor, version: int, *, standing: int) -> int:
    """Put an earlier version of the register in force again, and return its new number.

    Raises
    ------
    DomainError
        ``store.no_such_register``, ``store.not_as_shown``.
    """
    register = settings.HOME.store.stations(version)
    if register is None:
        raise UnknownNameError(
            "store.no_such_register",
            _("The station register has no version {version}.").format(version=version),
        )
    about = {"version": version, "stations": register.height}
    return _save(actor, "stations.restored", register, standing=standing, about=about)


def _save(
    actor: Actor,
    action: str,
    register: pl.DataFrame,
    *,
    standing: int,
    about: Mapping[str, Any],
    thing: tuple[str, str, str] | None = None,
) -> int:
    permit(actor, _NEEDS)
    with landing(action, thing or ("register", "", ""), about, actor=actor) as step:
        version: int = settings.HOME.store.save_stations(
            register, actor.name, network().now, event=step.event, standing=standing
        )
        if version == standing:
            step.nothing()
    return version


def _carry_out(made: Plan, file: str, actor: Actor) -> None:
    if made.problems:
        raise BadInputError(
            "territories.bad_rows",
            _("Nothing was entered of {file}: {n} places are wrong.").format(
                file=file, n=len(made.problems)
            ),
            made.problems[: BadInputError.LIMIT],
            len(made.problems),
        )
    touched = [e for e in made.entries if e.state != "same"]
    if not touched:
        return
    known = {t.code: t for t in Territory.objects.all()}
    for entry in sorted(touched, key=lambda e: LEVELS.index(e.level)):
        row = known.get(entry.code) or Territory(code=entry.code)
        row.name, row.level = entry.name, entry.level
        row.parent = known[entry.parent] if entry.parent is not None else None
        if entry.boundary is not None:
            row.boundary, row.datum = as_geometry(entry.boundary), entry.datum or "WGS84"
        row.save()
        known[entry.code] = row
    told: Sequence[dict[str, Any]] = [
        {"code": e.code, "name": e.name, "state": e.state, "what": list(e.what)} for e in touched
    ]
    data = {"file": file, "new": made.count("new"), "changed": made.count("changed"),
            "territories": told}  # fmt: skip
    record("territories.imported", ("territories", "", file), data, actor=actor)


def _territory(code: str) -> Territory:
    found = Territory.objects.select_related("parent").filter(code=code).first()
    if found is None:
        raise UnknownNameError(
            "territories.unknown", _("There is no territory {code}.").format(code=code)
        )
    return found


def _code_of(territory: Territory | None) -> str | None:
    return None if territory is None else territory.code


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}


def _not_as_shown() -> DomainError:
    return DomainError(
        "store.not_as_shown",
        _("The territories have changed since this was shown. Nothing was changed; look again."),
    )
