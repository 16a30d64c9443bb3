"""Options that several commands share."""
# ruff: noqa: ANN401 - Click's own decorators take anything

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from lantian.cli.base import Option
from lantian.cli.language import N_

if TYPE_CHECKING:
    from lantian.observations.layout import CalibreChoice

_F = TypeVar("_F", bound=Callable[..., Any])


class Judging(TypedDict):
    """What the options of :func:`judging_options` say."""

    editions: tuple[str, ...]
    method: str
    calibre: CalibreChoice | None
    as_of: str | None
    deduct_dust: bool


def option(*names: str, **attrs: Any) -> Callable[[_F], _F]:
    """Return the decorator for an option whose help is translated when shown."""
    return click.option(*names, cls=Option, **attrs)


def json_option(function: _F) -> _F:
    """Add ``--json``."""
    return option(
        "--json",
        "as_json",
        is_flag=True,
        help=N_("Write the result as JSON to standard output and nothing else."),
    )(function)


def period_option(function: _F) -> _F:
    """Add ``--period``."""
    return option(
        "--period",
        metavar="PERIOD",
        help=N_(
            "2016, 2016-H1, 2016-Q1, 2016-01, 2016-01-15..2016-02-14, last-month, this-year, "
            "last-30-days … Default: everything stored."
        ),
    )(function)


def judging_options(function: _F) -> _F:
    """Add what decides how the air is judged: edition, method, calibre, as-of, dust."""
    for decorate in reversed(
        (
            option(
                "--edition",
                "editions",
                multiple=True,
                metavar="EDITION",
                help=N_(
                    "2012, 2026-transition, 2026-final, or auto: by date (default). Several, by "
                    "comma or repeated, are shown side by side."
                ),
            ),
            option(
                "--method",
                default="sum_equal_2012",
                show_default=True,
                help=N_("Method of the composite index; `lantian standards` lists them."),
            ),
            calibre_option,
            option(
                "--as-of",
                metavar="TIME",
                help=N_("As the data stood at this time, before later corrections."),
            ),
            option(
                "--deduct-dust",
                is_flag=True,
                help=N_("Deduct the PM of the sand-dust decisions kept with `lantian dust`."),
            ),
        )
    ):
        function = decorate(function)
    return function


def calibre_option(function: _F) -> _F:
    """Add ``--calibre``."""
    audited = option(
        "--audited",
        "calibre",
        flag_value="audited",
        help=N_("Only audited values; short for --calibre audited."),
    )
    calibre = option(
        "--calibre",
        type=click.Choice(["realtime", "audited", "prefer-audited"]),
        help=N_("Which values, where real-time and audited ones are both stored."),
    )
    return calibre(audited(function))


def station_option(function: _F) -> _F:
    """Add ``--station``."""
    return option(
        "--station",
        "stations",
        multiple=True,
        metavar="ID",
        help=N_("Only this station; may be repeated."),
    )(function)


def city_option(function: _F) -> _F:
    """Add ``--city``."""
    return option(
        "--city",
        "--cities",
        "cities",
        is_flag=True,
        help=N_("Cities (means of their stations) instead of stations."),
    )(function)


def actor_option(function: _F) -> _F:
    """Add ``--actor``."""
    return option(
        "--actor", metavar="NAME", help=N_("Who does it; default: $LANTIAN_ACTOR, else the user.")
    )(function)


def reason_option(function: _F) -> _F:
    """Add ``--reason``, which a change must have."""
    return option(
        "--reason",
        required=True,
        metavar="TEXT",
        help=N_("Why; kept with the change and shown in the history."),
    )(function)
