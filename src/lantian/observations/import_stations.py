"""Whose values are these: station texts of files against the register."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.observations.datum import to_wgs84
from lantian.observations.import_files import Loaded
from lantian.observations.readers.text import LINE
from lantian.observations.station_table import REGISTER, conform, empty, position_fault

DEFAULT_NETWORK = "default"
UNKNOWN = "import.unknown_station"


@dataclass(frozen=True)
class Resolved:
    """The register after the import; sorted ids that are new or changed, and in which columns."""

    register: pl.DataFrame
    new: Sequence[str]
    changed: Sequence[str]
    columns: Sequence[str]


def resolve(
    files: Sequence[Loaded], stored: pl.DataFrame | None, network: str | None, nearest: int
) -> Resolved:
    """Give every value the id of its station; enter, or object to, those nobody knows.

    A text that is no id but the name of exactly one station stands for that station. What is then
    unknown is entered into the register when the register is empty or ``network`` names where it
    belongs; otherwise its rows are bad.

    Parameters
    ----------
    files
        As read; their frames get register ids. Station lists among them are taken first.
    stored
        The register so far; ``None``: there is none.
    network
        Network of the stations to enter.
    nearest
        How many known stations to suggest for an unknown one.
    """
    before = empty() if stored is None else stored
    register = before
    for one in files:
        if one.register is not None:
            register = _updated(register, one.register)
    entering = register.is_empty() or network is not None
    ids, by_name = set(register["station"]), _unique_names(register)
    unknown: set[str] = set()
    for one in files:
        if one.frame.is_empty():
            continue
        texts = one.frame["station"].unique().to_list()
        _rename(one, {t: by_name[t] for t in texts if t not in ids and t in by_name})
        strangers = sorted(t for t in texts if t not in ids and t not in by_name)
        unknown |= set(strangers)
        if strangers and not entering:
            _object(one, strangers, register, nearest)
    if entering and unknown:
        entries = _entries(files, sorted(unknown), network or DEFAULT_NETWORK)
        register = _updated(register, entries)
    old = {row["station"]: row for row in before.iter_rows(named=True)}
    rows = {row["station"]: row for row in register.iter_rows(named=True)}
    new = sorted(rows.keys() - old.keys())
    changed = sorted(s for s in rows.keys() & old.keys() if rows[s] != old[s])
    columns = [c for c in REGISTER if any(rows[s][c] != old[s][c] for s in changed)]
    return Resolved(register, new, changed, columns)


def updated(stored: pl.DataFrame | None, resolved: Resolved) -> pl.DataFrame:
    """Return the register now stored with what an import enters or changes, and nothing else of it.

    Between the resolving and the saving another import may have saved stations of its own.
    """
    now = empty() if stored is None else stored
    touched = [*resolved.new, *resolved.changed]
    return _updated(now, resolved.register.filter(pl.col("station").is_in(touched)))


def _updated(register: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Return the register with the stations of ``more`` added or in the place of the old entry."""
    if register.is_empty():
        return more.sort("station")
    kept = register.join(more, on="station", how="anti")
    return pl.concat([kept.select(*REGISTER), more.select(*REGISTER)]).sort("station")


def _unique_names(register: pl.DataFrame) -> dict[str, str]:
    once = register.filter(pl.col("name").is_not_null(), pl.len().over("name") == 1)
    return dict(once.select("name", "station").iter_rows())


def _rename(one: Loaded, ids: dict[str, str]) -> None:
    if ids:
        before = one.frame["station"].n_unique()
        one.frame = one.frame.with_columns(pl.col("station").replace(ids))
        one.merged = one.frame["station"].n_unique() < before
        one.notes.append(
            _("Stations known by their names: {names}.").format(
                names=", ".join(f"{name} = {station}" for name, station in sorted(ids.items()))
            )
        )


def _object(one: Loaded, strangers: list[str], register: pl.DataFrame, nearest: int) -> None:
    bad = one.frame["station"].is_in(pl.Series(strangers).implode())
    hints = {s: _hint(s, register, nearest) for s in strangers}
    rows = one.places().select("station", LINE).filter(bad).unique(maintain_order=True)
    places = [
        Problem(one.name, hints[station], UNKNOWN, line, "station", station)
        for station, line in rows.sort("station", LINE).iter_rows()
    ]
    # one sentence for each station, though each of its rows is kept for the file of bad rows
    first = {p.value: p for p in reversed(places)}
    one.reject(bad, places, [first[s] for s in strangers])


def _hint(station: str, register: pl.DataFrame, nearest: int) -> str:
    shared = register.filter(pl.col("name") == station)["station"].to_list()
    if len(shared) > 1:
        return _(
            "Several stations are called {station}: {ids}. Write the id instead of the name."
        ).format(station=station, ids=", ".join(sorted(shared)))
    called: dict[str, str] = {}
    for id_, name in register.select("station", "name").iter_rows():
        said = id_ if name in (None, id_) else f"{id_} {name}"
        called[id_] = said
        called.setdefault(name or id_, said)
    near = difflib.get_close_matches(station, called, n=nearest * 2, cutoff=0.4)
    best = list(dict.fromkeys(called[n] for n in near))[:nearest]
    known = (
        _("Nearest: {names}.").format(names=", ".join(best))
        if best
        else _("None of the {n} stations there has a similar name.").format(n=register.height)
    )
    return _(
        "The station {station} is not in the register. {known} Correct it, add the station to the "
        "register, or name its network (--network) to enter it."
    ).format(station=station, known=known)


def _entries(files: Sequence[Loaded], wanted: list[str], network: str) -> pl.DataFrame:
    """Return register entries for stations, with what the files say of them."""
    said: dict[str, dict[str, object]] = {s: {} for s in wanted}
    for one in files:
        offered = one.reading.stations if one.reading is not None else None
        if offered is None:
            continue
        for row in offered.iter_rows(named=True):
            entry = said.get(row["station"])
            if entry is not None:
                for column, value in row.items():
                    if value is not None and column in REGISTER:
                        entry.setdefault(column, value)
    rows = [{**_placed(entry), "station": s, "network": network} for s, entry in said.items()]
    schema = {c: t for c, t in REGISTER.items() if any(c in row for row in rows)}
    return conform(pl.DataFrame(rows, schema=schema))


def _placed(entry: dict[str, object]) -> dict[str, object]:
    """Return an entry with its position in WGS84, or without a position that cannot be one."""
    lon, lat, datum = entry.pop("lon", None), entry.pop("lat", None), entry.pop("datum", None)
    if not (isinstance(lon, float) and isinstance(lat, float) and isinstance(datum, str)):
        return entry
    if position_fault(lon, lat):
        return entry
    x, y = to_wgs84([lon], [lat], datum)  # type: ignore[arg-type]  # it refuses others
    return {**entry, "lon": float(x[0]), "lat": float(y[0]), "datum": datum}
