"""``lantian standards``: editions, limits, methods, settings, and a calculator of the IAQI."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from lantian.cli.base import Group
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, say
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.standards import Settings

_AVERAGING = {
    "pm25": ("24h", "year"), "pm10": ("24h", "year"), "so2": ("1h", "24h", "year"),
    "no2": ("1h", "24h", "year"), "co": ("1h", "24h"), "o3": ("1h", "8h"),
}  # fmt: skip


@click.group(
    "standards",
    cls=Group,
    invoke_without_command=True,
    help=N_(
        "The standards in use, and a calculator of the IAQI.\n\n"
        "Without a command: editions, grade II limits, methods of the composite index, and the "
        "settings that no confirmed source backs."
    ),
)
@json_option
@click.pass_context
def standards(ctx: click.Context, /, *, as_json: bool) -> None:
    """Run ``lantian standards``."""
    if ctx.invoked_subcommand is not None:
        return
    state = ctx.ensure_object(State)
    settings = _settings(state)
    if as_json:
        emit("standards", _document(settings))
        return
    for n, table in enumerate((_editions(), _limits(), _methods(), _choices(settings))):
        if n:
            say()
        render(table, quiet=state.quiet)


def _settings(state: State) -> Settings:
    """Return the settings of the home if there is one, else the defaults."""
    from lantian.standards import Settings

    with suppress(DomainError):  # the standards can be read without a home
        return state.open_home().evaluation()
    return Settings.default()


def _document(settings: Settings) -> dict[str, object]:
    from dataclasses import asdict

    from lantian.standards import CHOICES, EDITIONS, METHODS

    choices = [
        {
            "name": c.name,
            "value": getattr(settings, c.name),
            "default": c.default,
            "status": c.status,
            "source": c.source,
            "description": c.description,
        }
        for c in CHOICES.values()
    ]
    return {
        "editions": [asdict(e) for e in EDITIONS.values()],
        "limits": _limit_rows(),
        "methods": [
            {"id": m.id, "title": m.title, "status": m.status, "note": m.note}
            for m in METHODS.values()
        ],
        "settings": choices,
    }


def _limit_rows() -> list[dict[str, object]]:
    from lantian.reports.words import unit
    from lantian.standards import EDITIONS, limit

    return [
        {
            "pollutant": p,
            "averaging": averaging,
            "grade": grade,
            "edition": e,
            "limit": limit(p, averaging=averaging, grade=grade, edition=e),
            "unit": unit(p),
        }
        for p, times in _AVERAGING.items()
        for averaging in times
        for grade in (1, 2)
        for e in EDITIONS
    ]


def _editions() -> Table:
    from lantian.reports.words import edition_name, status_name
    from lantian.standards import EDITIONS

    rows = [
        {
            "id": e.id,
            "title": edition_name(e.id),
            "aqi": e.aqi_standard,
            "statistics": e.statistics_standard,
            "from": "" if e.valid_from is None else str(e.valid_from),
            "to": "" if e.valid_to is None else str(e.valid_to),
            "status": status_name(e.status),
        }
        for e in EDITIONS.values()
    ]
    columns = [
        Column("id", _("Edition")),
        Column("title", _("Standard"), wraps=True),
        Column("aqi", _("AQI"), priority=2),
        Column("statistics", _("Statistics"), priority=2),
        Column("from", _("In force from")),
        Column("to", _("In force to")),
        Column("status", _("How sure"), priority=1, wraps=True),
    ]
    return Table(columns, rows, title=_("Editions"))


def _limits() -> Table:
    from lantian.reports.words import LABEL, edition_short, unit
    from lantian.standards import EDITIONS, limit

    rows = []
    for p, times in _AVERAGING.items():
        for averaging in times:
            limits = {e: f"{limit(p, averaging=averaging, grade=2, edition=e):g}" for e in EDITIONS}
            names = {"p": LABEL[p], "averaging": _averaging(averaging), "unit": unit(p)}
            rows.append({**names, **limits})
    columns = [
        Column("p", _("Pollutant")),
        Column("averaging", _("Averaging"), wraps=True),
        *(Column(e, edition_short(e), "right") for e in EDITIONS),
        Column("unit", _("Unit"), priority=1),
    ]
    return Table(columns, rows, title=_("Limits of grade II"))


def _averaging(name: str) -> str:
    return {
        "1h": _("1 h mean"),
        "8h": _("daily maximum 8 h mean"),
        "24h": _("24 h mean"),
        "year": _("annual mean"),
    }[name]


def _methods() -> Table:
    from lantian.reports.words import status_name
    from lantian.standards import METHODS

    rows = [
        {"id": m.id, "title": m.title, "status": status_name(m.status), "note": m.note}
        for m in METHODS.values()
    ]
    columns = [
        Column("id", _("Method")),
        Column("title", _("Composite index"), wraps=True),
        Column("status", _("How sure"), wraps=True),
        Column("note", _("Note"), priority=1, wraps=True),
    ]
    return Table(columns, rows, title=_("Methods of the composite index"))


def _choices(settings: Settings) -> Table:
    from lantian.reports.words import status_name
    from lantian.standards import CHOICES

    rows = [
        {
            "name": c.name,
            "value": str(getattr(settings, c.name)).lower(),
            "status": status_name(c.status),
            "meaning": c.description,
        }
        for c in CHOICES.values()
    ]
    columns = [
        Column("name", _("Setting")),
        Column("value", _("Value"), "right"),
        Column("status", _("How sure"), wraps=True),
        Column("meaning", _("Meaning"), wraps=True),
    ]
    note = _("Change them in the table [evaluation] of the home's settings.toml.")
    return Table(columns, rows, title=_("Choices that the standards leave open"), notes=[note])


@standards.command(
    "iaqi",
    context_settings={"ignore_unknown_options": True},  # so that -5 gets an answer
    help=N_(
        "Compute the IAQI of a concentration.\n\n"
        "POLLUTANT is pm25, pm10, so2, no2, co or o3; CONCENTRATION in µg/m³, CO in mg/m³."
    ),
)
@click.argument("pollutant")
@click.argument("concentration")
@option(
    "--averaging",
    type=click.Choice(["1h", "8h", "24h"]),
    help=N_("Averaging time; default: 24h, for O3 8h."),
)
@option(
    "--edition",
    metavar="EDITION",
    help=N_("2012, 2026-transition or 2026-final; default: all of them."),
)
@json_option
@click.pass_obj
def iaqi(
    state: State,
    /,
    *,
    pollutant: str,
    concentration: str,
    averaging: str | None,
    edition: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian standards iaqi``."""
    from lantian.reports.words import LABEL, edition_name, unit
    from lantian.standards import CATEGORIES, EDITIONS, category
    from lantian.standards import edition as known_edition
    from lantian.standards import iaqi as compute

    value = _concentration(concentration)
    asked = averaging or ("8h" if pollutant == "o3" else "24h")
    rows: list[dict[str, object]] = []
    for e in [known_edition(edition).id] if edition else list(EDITIONS):
        index = compute(pollutant, value, averaging=asked, edition=e)
        known = index == index  # noqa: PLR0124 - NaN: not computed
        name = category(index).id if known else None
        rows.append({"edition": e, "iaqi": int(index) if known else None, "category": name})
    if as_json:
        key = {"pollutant": pollutant, "concentration": float(value), "averaging": asked}
        emit("standards.iaqi", {**key, "rows": rows})
        return
    shown = [
        {
            "edition": edition_name(str(r["edition"])),
            "iaqi": _("not computed") if r["iaqi"] is None else str(r["iaqi"]),
            "category": CATEGORIES[str(r["category"])].name if r["category"] else "—",
        }
        for r in rows
    ]
    title = _("IAQI of {pollutant} {value} {unit}, {averaging}").format(
        pollutant=LABEL[pollutant],
        value=concentration,
        unit=unit(pollutant),
        averaging=_averaging(asked),
    )
    columns = [
        Column("edition", _("Edition")),
        Column("iaqi", _("IAQI"), "right"),
        Column("category", _("Category")),
    ]
    render(Table(columns, shown, title=title), quiet=state.quiet)


def _concentration(text: str) -> Decimal:
    """Return a concentration exactly as it was written."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvalidArgumentError(
            "cli.usage_value", _("'{text}' is not a concentration.").format(text=text)
        )
    return value
