"""``lantian dust``: the sand-dust decisions whose PM may be deducted."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lantian.cli.base import Group
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import actor_option, json_option, option, reason_option
from lantian.cli.output import emit, plain, say
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.cli.when import local, moment
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import datetime

    from lantian.home.dust import DustDecision


@click.group(
    "dust",
    cls=Group,
    invoke_without_command=True,
    help=N_(
        "Sand-dust decisions whose PM may be deducted.\n\n"
        "evaluate, rank and report deduct them with --deduct-dust; the values with the sand-dust "
        "are kept beside. Without a command the decisions are listed."
    ),
)
@json_option
@click.pass_context
def dust(ctx: click.Context, /, *, as_json: bool) -> None:
    """Run ``lantian dust``."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, as_json=as_json)


@dust.command(
    "add",
    help=N_(
        "Enter a sand-dust period of a decision.\n\n"
        "START and END are days (both included) or hours (their ends, both included)."
    ),
)
@click.argument("start")
@click.argument("end")
@option(
    "--decision", required=True, metavar="NUMBER", help=N_("Number of the decision it rests on.")
)
@option("--station", metavar="ID", help=N_("Only this station; default: all."))
@actor_option
@json_option
@click.pass_obj
def add(
    state: State,
    /,
    *,
    start: str,
    end: str,
    decision: str,
    station: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian dust add``."""
    from lantian.home import dust as kept

    home = state.open_home()
    first, last = _bounds(start, end, home.zone)
    if station is not None:
        _known(home.store.stations(), station)
    made = kept.add(
        home.path,
        start=first,
        end=last,
        decision=decision,
        station=station,
        actor=state.actor(actor),
        clock=state.now,
    )
    if as_json:
        emit("dust.add", {"dust": asdict(made)})
        return
    say(_("Sand-dust decision {number} is entered.").format(number=made.id))


def _known(register: object, station: str) -> None:
    import polars as pl

    known = register["station"].to_list() if isinstance(register, pl.DataFrame) else []
    if known and station not in known:
        raise InvalidArgumentError(
            "cli.usage_station",
            _("There is no station {station}; `lantian stations list` names them.").format(
                station=station
            ),
            {"station": station},
        )


def _bounds(start: str, end: str, zone: str) -> tuple[datetime, datetime]:
    from datetime import date, timedelta

    from lantian.home.dust import local_days

    day = len("2016-01-15")
    if len(start.strip()) == day and len(end.strip()) == day:
        moment(start, zone), moment(end, zone)  # says so when either is no date
        return local_days(date.fromisoformat(start.strip()), date.fromisoformat(end.strip()), zone)
    return moment(start, zone) - timedelta(microseconds=1), moment(end, zone)


@dust.command("list", help=N_("Show the decisions, also those taken back."))
@json_option
@click.pass_obj
def list_(state: State, /, *, as_json: bool) -> None:
    """Run ``lantian dust list``."""
    from lantian.home import dust as kept

    home = state.open_home()
    known = kept.load(home.path)
    if as_json:
        emit("dust.list", {"zone": home.zone, "rows": [plain(asdict(d)) for d in known]})
        return
    if not known:
        raise NothingToShowError(
            "cli.no_dust",
            _("No sand-dust decision was entered yet: lantian dust add START END --decision …"),
        )
    columns = [
        Column("id", _("No."), "right"),
        Column("start", _("After")),
        Column("end", _("Up to")),
        Column("decision", _("Decision"), wraps=True),
        Column("station", _("Station"), priority=1),
        Column("state", _("State")),
        Column("who", _("Who"), priority=2),
        Column("reason", _("Why"), priority=3, wraps=True),
    ]
    note = _("Hours labelled after the one time up to the other, in {zone}.").format(zone=home.zone)
    rows = [_row(d, home.zone) for d in known]
    render(Table(columns, rows, notes=[note]), quiet=state.quiet)


def _row(d: DustDecision, zone: str) -> dict[str, str]:
    return {
        "id": str(d.id),
        "start": local(d.start, zone),
        "end": local(d.end, zone),
        "decision": d.decision,
        "station": d.station or _("all"),
        "state": _("in force") if d.counts else _("taken back"),
        "who": d.added_by if d.counts else d.removed_by or "",
        "reason": d.reason or "",
    }


@dust.command("remove", help=N_("Take a decision back; it stays in the list."))
@click.argument("number", type=int)
@reason_option
@actor_option
@json_option
@click.pass_obj
def remove(state: State, /, *, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Run ``lantian dust remove``."""
    from lantian.home import dust as kept

    home = state.open_home()
    gone = kept.remove(home.path, number, actor=state.actor(actor), reason=reason, clock=state.now)
    if as_json:
        emit("dust.remove", {"dust": asdict(gone)})
        return
    say(_("Sand-dust decision {number} is taken back.").format(number=number))
