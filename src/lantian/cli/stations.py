"""``lantian stations``: the register of the network's stations."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.cli.base import Group
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import actor_option, json_option, option
from lantian.cli.output import emit, rows, say
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.errors import InvalidArgumentError
from lantian.i18n import active, ngettext
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    import polars as pl

    from lantian.home.layout import Home


@click.group(
    "stations",
    cls=Group,
    invoke_without_command=True,
    help=N_(
        "The station register: list, import, set, export.\n\n"
        "Without a command the stations are listed."
    ),
)
@json_option
@click.pass_context
def stations(ctx: click.Context, /, *, as_json: bool) -> None:
    """Run ``lantian stations``."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, as_json=as_json)


@stations.command("list", help=N_("Show the stations."))
@json_option
@click.pass_obj
def list_(state: State, /, *, as_json: bool) -> None:
    """Run ``lantian stations list``."""
    home = state.open_home()
    register = home.store.stations()
    if as_json:
        listed = [] if register is None else rows(register)
        emit("stations", {"network": home.name, "datum": "WGS84", "rows": listed})
        return
    if register is None or register.is_empty():
        raise NothingToShowError(
            "cli.no_stations",
            _(
                "The station register is empty. Fill it from a CSV, XLSX or GeoJSON file: "
                "lantian stations import FILE"
            ),
        )
    columns = [
        Column("station", _("Id")),
        Column("name", _("Name"), wraps=True),
        Column("city", _("City"), priority=1),
        Column("town", _("Town"), priority=4),
        Column("kind", _("Kind"), priority=2),
        Column("control", _("Control")),
        Column("lon", _("Longitude\n°E"), "right", 3),
        Column("lat", _("Latitude\n°N"), "right", 3),
        Column("datum", _("Given in"), priority=6),
        Column("operator", _("Operator"), priority=6, wraps=True),
        Column("start", _("Since"), priority=5),
        Column("end", _("Until"), priority=5),
    ]
    notes = [
        ngettext(
            "{n} station; positions in WGS84.", "{n} stations; positions in WGS84.", register.height
        ).format(n=register.height)
    ]
    if register["control"].any():
        notes.append(_("Control and background stations are left out of the city means."))
    cells = [_row(r) for r in register.iter_rows(named=True)]
    render(Table(columns, cells, notes=notes), quiet=state.quiet)


def _row(r: Mapping[str, Any]) -> dict[str, str]:
    from lantian.observations.stations import KINDS

    kind = KINDS.get(r["kind"] or "")
    cells = {k: "" if v is None else str(v) for k, v in r.items()}
    cells["kind"] = (kind.zh if active() == "zh" else kind.en) if kind else cells["kind"]
    cells["control"] = _("control") if r["control"] else ""
    for axis in ("lon", "lat"):
        cells[axis] = "" if r[axis] is None else f"{r[axis]:.4f}"
    return cells


@stations.command(
    "import",
    help=N_(
        "Take stations from a CSV, XLSX or GeoJSON file.\n\n"
        "Stations of the file replace those of the same id; the others stay. All of the file is "
        "taken, or nothing."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--datum",
    type=click.Choice(["WGS84", "CGCS2000", "GCJ-02", "BD-09"], case_sensitive=False),
    help=N_("Datum of the coordinates, where the file does not say it."),
)
@option("--replace", is_flag=True, help=N_("The file is the whole register: others are taken out."))
@actor_option
@json_option
@click.pass_obj
def import_(
    state: State,
    /,
    *,
    file: Path,
    datum: str | None,
    replace: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian stations import``."""
    import polars as pl

    from lantian.observations.stations import conform, read_register

    home = state.open_home()
    read = read_register(file, datum=datum)
    before = home.store.stations()
    kept = (
        before.filter(~pl.col("station").is_in(read["station"].implode()))
        if before is not None and not replace
        else None
    )
    merged = conform(read if kept is None else pl.concat([kept, read]), file=file.name)
    version = _save(home, merged, state, actor)
    known = set() if before is None else set(before["station"])
    new = len(set(read["station"]) - known)
    if as_json:
        emit(
            "stations.import",
            {"read": read.height, "new": new, "stations": merged.height, "version": version},
        )
        return
    say(
        _("{read} stations read, {new} of them new; the register now has {total}.").format(
            read=read.height, new=new, total=merged.height
        )
    )


@stations.command(
    "set",
    help=N_(
        "Change a station, or add one.\n\n"
        "Only what is given is changed. Coordinates need --lon, --lat and --datum together."
    ),
)
@click.argument("station")
@option("--name", metavar="TEXT", help=N_("Name people know it by."))
@option("--city", metavar="TEXT", help=N_("City whose mean it is part of."))
@option("--town", metavar="TEXT", help=N_("Town it is in."))
@option("--network", metavar="TEXT", help=N_("Network it belongs to."))
@option(
    "--kind",
    metavar="KIND",
    help=N_("national, provincial, municipal, township, micro, background …"),
)
@option(
    "--control/--no-control",
    default=None,
    help=N_("Control station: left out of the city means."),
)
@option("--operator", metavar="TEXT", help=N_("Who runs it."))
@option("--start", metavar="DATE", help=N_("First day of operation."))
@option("--end", metavar="DATE", help=N_("Last day of operation."))
@option("--lon", type=float, help=N_("Longitude [°E]."))
@option("--lat", type=float, help=N_("Latitude [°N]."))
@option(
    "--datum",
    type=click.Choice(["WGS84", "CGCS2000", "GCJ-02", "BD-09"], case_sensitive=False),
    help=N_("Datum of --lon and --lat."),
)
@actor_option
@json_option
@click.pass_obj
def set_(
    state: State,
    /,
    *,
    station: str,
    actor: str | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - the columns of the register
) -> None:
    """Run ``lantian stations set``."""
    import polars as pl

    from lantian.observations.stations import REGISTER, conform, empty

    changes = _changes(given)
    if not changes:
        raise InvalidArgumentError(
            "cli.usage_nothing_given", _("Say what to change, such as --name or --city.")
        )
    home = state.open_home()
    before = home.store.stations()
    register = empty() if before is None else before
    mine = register.filter(pl.col("station") == station)
    old = mine.row(0, named=True) if mine.height else {"station": station}
    row = pl.DataFrame([{**dict.fromkeys(REGISTER), **old, **changes}], schema=REGISTER)
    others = register.filter(pl.col("station") != station)
    merged = conform(pl.concat([others, row]).sort("station"))
    _save(home, merged, state, actor)
    if as_json:
        emit("stations.set", {"station": rows(merged.filter(pl.col("station") == station))[0]})
        return
    text = _("{station} is changed.") if mine.height else _("{station} is added.")
    say(text.format(station=station))


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """Return the new values of the columns, checked and converted."""
    from datetime import date

    from lantian.observations.stations import KINDS, find_kind

    changes = {k: v for k, v in given.items() if v is not None}
    if "kind" in changes:
        kind = find_kind(changes["kind"])
        if kind is None:
            raise InvalidArgumentError(
                "cli.usage_kind",
                _("'{kind}' is not a kind of station; there are {kinds}.").format(
                    kind=changes["kind"], kinds=", ".join(KINDS)
                ),
            )
        changes["kind"] = kind.id
    for name in ("start", "end"):
        if name in changes:
            try:
                changes[name] = date.fromisoformat(changes[name])
            except ValueError:
                raise InvalidArgumentError(
                    "cli.usage_date",
                    _("'{value}' is not a date; write it as 2026-01-31.").format(
                        value=changes[name]
                    ),
                ) from None
    place = [k for k in ("lon", "lat", "datum") if k in changes]
    if place and len(place) < len(("lon", "lat", "datum")):
        raise InvalidArgumentError("cli.usage_place", _("Give --lon, --lat and --datum together."))
    if place:
        _convert(changes)
    return changes


def _convert(changes: dict[str, Any]) -> None:
    from lantian.observations import datum as d

    lon, lat = d.to_wgs84(changes["lon"], changes["lat"], changes["datum"])
    changes["lon"], changes["lat"] = float(lon), float(lat)


@stations.command("export", help=N_("Write the register to a CSV, XLSX or GeoJSON file."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--overwrite", is_flag=True, help=N_("Replace a file that is there already."))
@json_option
@click.pass_obj
def export(state: State, /, *, file: Path, overwrite: bool, as_json: bool) -> None:
    """Run ``lantian stations export``."""
    from lantian.observations.stations import write_register

    home = state.open_home()
    register = home.store.stations()
    if register is None:
        raise NothingToShowError(
            "cli.no_stations", _("The station register is empty; there is nothing to write.")
        )
    if file.exists() and not overwrite:
        raise InvalidArgumentError(
            "export.exists",
            _("There is already a file {file}. Choose another name, or give --overwrite.").format(
                file=file
            ),
            {"file": str(file)},
        )
    write_register(register, file)
    if as_json:
        emit("stations.export", {"file": str(file), "stations": register.height})
        return
    say(_("{n} stations written to {file}.").format(n=register.height, file=file))


def _save(home: Home, register: pl.DataFrame, state: State, actor: str | None) -> int:
    return home.store.save_stations(register, state.actor(actor), state.now)
