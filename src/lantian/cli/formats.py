"""``lantian formats``: what can be read."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import click

from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import json_option
from lantian.cli.output import emit
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.i18n import gettext as _

# The readers' titles, for the catalogue of translations.
TITLES = (
    N_("National network, daily matrix of cities"),
    N_("National network, daily matrix of stations"),
    N_("National network, live feed (JSON)"),
    N_("Fire spots (NASA FIRMS, CSV)"),
    N_("Lantian export (CSV, Parquet)"),
    N_("OpenAQ v3 API (JSON)"),
    N_("OpenAQ archive (CSV)"),
    N_("Table (CSV, XLSX)"),
    N_("Beijing Multi-Site Air-Quality (UCI)"),
)


@click.command(
    "formats",
    cls=Command,
    help=N_(
        "The file formats that can be read.\n\n"
        "`lantian import` looks into each file and finds the format itself; --format names one of "
        "these when it should not."
    ),
)
@json_option
@click.pass_obj
def formats(state: State, /, *, as_json: bool) -> None:
    """Run ``lantian formats``."""
    from lantian.observations.readers import FORMATS

    known = [{"format": r.name, "title": _(str(r.title))} for r in FORMATS.values()]
    if as_json:
        emit("formats", {"rows": known})
        return
    columns = [Column("format", _("Format")), Column("title", _("What it is"), wraps=True)]
    notes = [_("Tried in this order; .gz is opened; UTF-8, UTF-16 and GBK are understood.")]
    render(Table(columns, known, notes=notes), quiet=state.quiet)
