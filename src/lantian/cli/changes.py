"""``lantian undo, correct, exclude, include``: what a person decides about stored values."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import click

from lantian.cli.base import Command
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import actor_option, calibre_option, json_option, option, reason_option
from lantian.cli.output import emit, plain, say
from lantian.cli.state import State
from lantian.cli.when import local, moment
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext

if TYPE_CHECKING:
    from lantian.home.layout import Home
    from lantian.observations.batches import Batch
    from lantian.observations.reading import Selection
    from lantian.observations.schema import Grade

_MISSING = ("missing", "null", "-", "—", "缺")


@click.command(
    "undo",
    cls=Command,
    help=N_(
        "Take an import back.\n\n"
        "Everything is as if the batch had not been; its rows stay readable with --as-of. BATCH is "
        "a number of `lantian history`."
    ),
)
@click.argument("batch", type=int)
@option(
    "--cascade",
    is_flag=True,
    help=N_("Also the corrections and exclusions that stand on its values."),
)
@reason_option
@actor_option
@json_option
@click.pass_obj
def undo(
    state: State,
    /,
    *,
    batch: int,
    cascade: bool,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian undo``."""
    store = state.open_home().store
    who = state.actor(actor)
    undone = store.undo(batch, actor=who, reason=reason, cascade=cascade, clock=state.now)
    if as_json:
        emit("undo", {"batches": undone, "actor": who, "reason": reason})
        return
    say(
        ngettext("Batch {numbers} is undone.", "Batches {numbers} are undone.", len(undone)).format(
            numbers=", ".join(map(str, undone))
        )
    )


@click.command(
    "correct",
    cls=Command,
    context_settings={"ignore_unknown_options": True},  # a value may be negative
    help=N_(
        "Correct one value; the old one stays readable.\n\n"
        "TIME is the end of its hour, such as 2016-01-15T16:00, in the zone of the home. VALUE is "
        "in the unit of the stored value (µg/m³, CO mg/m³), or the word missing."
    ),
)
@click.argument("station")
@click.argument("parameter")
@click.argument("time")
@click.argument("value")
@option(
    "--averaging",
    default="1h",
    show_default=True,
    help=N_("Averaging period of the value: 1h, 24h …"),
)
@calibre_option
@reason_option
@actor_option
@json_option
@click.pass_obj
def correct(
    state: State,
    /,
    *,
    station: str,
    parameter: str,
    time: str,
    value: str,
    averaging: str,
    calibre: Any,  # noqa: ANN401 - checked by Click
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian correct``."""
    home = state.open_home()
    when = moment(time, home.zone)
    number = _number(value)
    one = {"station": station, "parameter": parameter, "period": averaging, "time": when}
    batch = home.store.correct(
        station,
        parameter,
        when,
        number,
        grade=_grade(home, {**one, "value": number}),
        actor=state.actor(actor),
        reason=reason,
        period=averaging,
        calibre=calibre,
        clock=state.now,
    )
    if as_json:
        emit("correct", _batch(batch))
    elif batch.id == 0:
        say(_("The stored value is this one already; nothing was changed."))
    else:
        say(
            _("{station} {parameter} {time} is now {value} (batch {batch}).").format(
                station=station,
                parameter=parameter,
                time=local(when, home.zone),
                value=value,
                batch=batch.id,
            )
        )


def _grade(home: Home, one: Mapping[str, Any]) -> Grade:
    """Return what quality control says of a corrected value by itself.

    Raises
    ------
    InvalidArgumentError
        ``cli.usage_impossible_value``: no such value can be measured.
    """
    import polars as pl

    from lantian.observations.quality import check
    from lantian.observations.schema import conform

    if one["value"] is None:
        return "valid"
    frame = conform(pl.DataFrame({k: [v] for k, v in one.items()}))
    grade: Grade = check(frame, thresholds=home.thresholds()).frame["grade"].item()
    if grade == "invalid":
        raise InvalidArgumentError(
            "cli.usage_impossible_value",
            _(
                "{value:g} is no possible value of {parameter}. Give its value, or leave the hour "
                "out with `lantian exclude`."
            ).format(value=one["value"], parameter=one["parameter"]),
            {"value": one["value"], "parameter": one["parameter"]},
        )
    return grade


def _number(text: str) -> float | None:
    if text.strip().lower() in _MISSING:
        return None
    try:
        number = float(text)
        if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
            raise ValueError(text)
    except ValueError:
        raise InvalidArgumentError(
            "cli.usage_value",
            _("'{text}' is not a number; write one, or the word missing.").format(text=text),
            {"value": text},
        ) from None
    return number


def _selecting(function: Any) -> Any:  # noqa: ANN401 - a decorator of Click commands
    for decorate in reversed(
        (
            option(
                "--station",
                "stations",
                multiple=True,
                metavar="ID",
                help=N_("Of this station; may be repeated. Default: all."),
            ),
            option(
                "--parameter",
                "parameters",
                multiple=True,
                metavar="NAME",
                help=N_("This parameter (pm25, o3 …); may be repeated. Default: all."),
            ),
            option(
                "--from",
                "begin",
                metavar="TIME",
                help=N_("From this hour (its end) or day on, it included."),
            ),
            option(
                "--to",
                "end",
                metavar="TIME",
                help=N_("Up to this hour (its end) or day, it included."),
            ),
            option(
                "--averaging",
                default="1h",
                show_default=True,
                help=N_("Averaging period of the values: 1h, 24h …"),
            ),
            calibre_option,
            option("--dry-run", is_flag=True, help=N_("Only count the values; change nothing.")),
            reason_option,
            actor_option,
            json_option,
        )
    ):
        function = decorate(function)
    return function


@click.command(
    "exclude",
    cls=Command,
    help=N_(
        "Leave values out of every mean, with the reason.\n\n"
        "The values stay stored and readable; `lantian include` takes the exclusion back."
    ),
)
@_selecting
@click.pass_obj
def exclude(state: State, /, **given: Any) -> None:  # noqa: ANN401 - the options of _selecting
    """Run ``lantian exclude``."""
    _decide(state, "exclusion", **given)


@click.command(
    "include",
    cls=Command,
    help=N_("Take an exclusion back: the values are as they were before it."),
)
@_selecting
@click.pass_obj
def include(state: State, /, **given: Any) -> None:  # noqa: ANN401 - the options of _selecting
    """Run ``lantian include``."""
    _decide(state, "restore", **given)


def _decide(
    state: State,
    decision: Literal["exclusion", "restore"],
    *,
    stations: tuple[str, ...],
    parameters: tuple[str, ...],
    begin: str | None,
    end: str | None,
    averaging: str,
    calibre: Any,  # noqa: ANN401 - checked by Click
    dry_run: bool,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    from lantian.observations.reading import Selection

    home = state.open_home()
    selection = Selection(
        stations or None,
        _known_parameters(parameters) or None,
        _first(begin, home.zone),
        _last(end, home.zone),
        averaging,
        calibre,
    )
    if dry_run:
        _count(state, selection, decision, as_json=as_json)
        return
    act = home.store.exclude if decision == "exclusion" else home.store.restore
    batch = act(selection, actor=state.actor(actor), reason=reason, clock=state.now)
    if as_json:
        emit("exclude" if decision == "exclusion" else "include", _batch(batch))
        return
    n = batch.rows_changed
    text = (
        ngettext(
            "{n} value is excluded (batch {batch}).", "{n} values are excluded (batch {batch}).", n
        )
        if decision == "exclusion"
        else ngettext(
            "{n} value counts again (batch {batch}).", "{n} values count again (batch {batch}).", n
        )
    )
    say(text.format(n=f"{n:,}", batch=batch.id))


def _count(
    state: State, selection: Selection, decision: Literal["exclusion", "restore"], *, as_json: bool
) -> None:
    n = state.open_home().store.count(selection, decision=decision)
    if as_json:
        emit("count", {"values": n, "decision": decision})
        return
    if n == 0:
        raise NothingToShowError(
            "store.nothing_selected", _("No stored value fits; nothing would be changed.")
        )
    say(
        ngettext("{n} value would be changed.", "{n} values would be changed.", n).format(
            n=f"{n:,}"
        )
    )


def _known_parameters(given: tuple[str, ...]) -> tuple[str, ...]:
    from lantian.observations.parameters import PARAMETERS, find_parameter

    found = []
    for text in given:
        known = find_parameter(text)
        if known is None:
            raise InvalidArgumentError(
                "cli.usage_parameter",
                _("There is no parameter {name}; there are {names}.").format(
                    name=text, names=", ".join(PARAMETERS)
                ),
                {"parameter": text},
            )
        found.append(known.id)
    return tuple(found)


def _is_day(text: str) -> bool:
    return len(text.strip()) == len("2016-01-15")


def _first(text: str | None, zone: str) -> datetime | None:
    """Return the bound after which hours are selected, so that the one named is among them."""
    if text is None:
        return None
    when = moment(text, zone)
    # the first hour of a day ends at 01:00: midnight itself belongs to the day before
    return when if _is_day(text) else when - timedelta(microseconds=1)


def _last(text: str | None, zone: str) -> datetime | None:
    if text is None:
        return None
    when = moment(text, zone)
    return when + timedelta(days=1) if _is_day(text) else when


def _batch(batch: Batch) -> dict[str, object]:
    """Return a batch for JSON."""
    return {
        "batch": batch.id,
        "state": batch.state,
        "calibre": batch.calibre,
        "rows_changed": batch.rows_changed,
        "actor": batch.actor,
        "reason": batch.reason,
        "landed_at": plain(batch.landed_at),
    }
