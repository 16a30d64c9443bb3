"""``lantian history`` and ``lantian value``: what was imported, and all that a value ever was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from lantian.cli.base import Command
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import calibre_option, json_option, option
from lantian.cli.output import emit, rows
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.cli.when import local, moment
from lantian.cli.width import listed
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.observations.words import given, grade_word, kind_word


def calibre_word(calibre: str) -> str:
    """Return a calibre in a word."""
    return {"realtime": _("real-time"), "audited": _("audited")}.get(calibre, calibre)


@click.command(
    "history",
    cls=Command,
    help=N_(
        "Which imports and corrections there were.\n\n"
        "The number in the first column is what `lantian undo` takes."
    ),
)
@json_option
@click.pass_obj
def history(state: State, /, *, as_json: bool) -> None:
    """Run ``lantian history``."""
    home = state.open_home()
    batches = home.store.batches()
    if as_json:
        emit("history", {"network": home.name, "zone": home.zone, "rows": rows(batches)})
        return
    if batches.is_empty():
        raise NothingToShowError(
            "cli.nothing_stored",
            _("Nothing was imported yet. Import some measurements: lantian import FILE…"),
        )
    columns = [
        Column("batch", _("Batch"), "right"),
        Column("when", _("When")),
        Column("kind", _("What")),
        Column("state", _("State")),
        Column("calibre", _("Calibre"), priority=3),
        Column("new", _("New"), "right", 1),
        Column("changed", _("Changed"), "right", 1),
        Column("same", _("Same"), "right", 4),
        Column("held", _("Held\nback"), "right", 4),
        Column("span", _("Of the time"), priority=5),
        Column("actor", _("Who"), priority=2),
        Column("files", _("Files"), priority=2, wraps=True),
        Column("reason", _("Why"), priority=3, wraps=True),
    ]
    listed = [_batch(b, home.zone) for b in batches.iter_rows(named=True)]
    note = ngettext(
        "{n} batch; times are those of {zone}.",
        "{n} batches; times are those of {zone}.",
        len(listed),
    ).format(n=len(listed), zone=home.zone)
    render(Table(columns, listed, notes=[note]), quiet=state.quiet)


def _batch(b: Mapping[str, Any], zone: str) -> dict[str, str]:
    undone = b["state"] == "undone"
    first, last = b["first_time"], b["last_time"]
    files = list(b["files"] or [])
    shown = listed(files[:2])
    if len(files) > 2:
        shown = _("{names} and {n} more").format(names=shown, n=len(files) - 2)
    why = b["undo_reason"] if undone else b["reason"]
    return {
        "batch": str(b["batch"]),
        "when": local(b["landed_at"], zone),
        "kind": kind_word(b["kind"]),
        "state": _("undone") if undone else _("in force"),
        "calibre": calibre_word(b["calibre"]),
        "new": f"{b['rows_new']:,}",
        "changed": f"{b['rows_changed']:,}",
        "same": f"{b['rows_same']:,}",
        "held": f"{b['rows_held']:,}" if b["rows_held"] else "",
        "span": f"{local(first, zone)[:10]}…{local(last, zone)[:10]}" if first else "",
        "actor": given(b["undone_by"] if undone else b["actor"]),
        "files": shown,
        "reason": why or "",
    }


@click.command(
    "value",
    cls=Command,
    help=N_(
        "Everything that was ever stored of one value.\n\n"
        "TIME is the end of its hour, such as 2016-01-15T16:00, in the zone of the home."
    ),
)
@click.argument("station")
@click.argument("parameter")
@click.argument("time")
@option(
    "--averaging",
    default="1h",
    show_default=True,
    help=N_("Averaging period of the value: 1h, 24h …"),
)
@calibre_option
@json_option
@click.pass_obj
def value(
    state: State,
    /,
    *,
    station: str,
    parameter: str,
    time: str,
    averaging: str,
    calibre: Any,  # noqa: ANN401 - checked by Click
    as_json: bool,
) -> None:
    """Run ``lantian value``."""
    home = state.open_home()
    when = moment(time, home.zone)
    found = home.store.history(station, parameter, when, period=averaging, calibre=calibre)
    if found.is_empty():
        raise NothingToShowError(
            "cli.no_such_value",
            _("No value of {parameter} at {station} for {time} was ever stored.").format(
                parameter=parameter, station=station, time=local(when, home.zone)
            ),
        )
    if as_json:
        key = {"station": station, "parameter": parameter, "time": when, "averaging": averaging}
        emit("value", {**key, "rows": rows(found)})
        return
    columns = [
        Column("counts", _("Counts")),
        Column("value", _("Value"), "right"),
        Column("unit", _("Unit")),
        Column("grade", _("Grade")),
        Column("flag", _("Flag"), priority=3),
        Column("batch", _("Batch"), "right"),
        Column("kind", _("What"), priority=1),
        Column("when", _("When"), priority=1),
        Column("actor", _("Who"), priority=2),
        Column("reason", _("Why"), priority=2, wraps=True),
        Column("source", _("Came from"), priority=4, wraps=True),
    ]
    listed = [_revision(r, home.zone) for r in found.iter_rows(named=True)]
    title = f"{station} {parameter} {local(when, home.zone)}"
    render(Table(columns, listed, title=title), quiet=state.quiet)


def _revision(r: Mapping[str, Any], zone: str) -> dict[str, str]:
    undone = r["state"] == "undone"
    counts = _("yes") if r["visible"] else (_("undone") if undone else _("no"))
    return {
        "counts": counts,
        "value": "—" if r["value"] is None else f"{r['value']:g}",
        "unit": r["unit"] or "",
        "grade": grade_word(r["grade"]),
        "flag": r["flag"] or "",
        "batch": str(r["batch"]),
        "kind": kind_word(r["kind"] or ""),
        "when": local(r["recorded"], zone),
        "actor": given(r["actor"]),
        "reason": (r["undo_reason"] if undone else r["reason"]) or "",
        "source": given(r["source"]),
    }
