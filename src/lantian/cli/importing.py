"""``lantian import``: files of measurements, whole or not at all."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from lantian.cli.bars import bar
from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import actor_option, json_option, option
from lantian.cli.output import remark
from lantian.cli.state import State
from lantian.errors import BadInputError, InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.observations.import_report import ImportReport
    from lantian.observations.readers import Options
    from lantian.observations.readers.table_mapping import Mapping


@click.command(
    "import",
    cls=Command,
    help=N_(
        "Take in files of measurements, whole or not at all.\n\n"
        "PATH is a file or a folder; station lists among them fill the register. The format of "
        "each file is recognised and shown. If anything is wrong, every bad place is listed and "
        "nothing lands, unless --skip-bad says where the bad rows go. Importing the same files "
        "again changes nothing."
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--format",
    "format_",
    default="auto",
    metavar="FORMAT",
    help=N_("Take the files to be of this format (`lantian formats`); default: look."),
)
@option(
    "--network",
    metavar="NAME",
    help=N_(
        "Enter stations that are not in the register yet, as stations of this network. Without "
        "it they are entered only while the register is empty, as network “default”."
    ),
)
@option("--audited", is_flag=True, help=N_("The values are audited; default: real-time."))
@option(
    "--zone",
    metavar="ZONE",
    help=N_("Time zone of times written without one; default: that of the home."),
)
@option("--station", metavar="ID", help=N_("Station of a file that names none."))
@option(
    "--averaging",
    default="1h",
    show_default=True,
    help=N_("Averaging period of a file that states none."),
)
@option(
    "--unit",
    "units",
    multiple=True,
    metavar="PARAMETER=UNIT",
    help=N_("Unit of a parameter in the files, such as co=ug/m3; may be repeated."),
)
@option("--datum", metavar="DATUM", help=N_("Datum of station lists that do not state it."))
@option(
    "--mapping",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=N_("What each column of a table is, as --save-mapping wrote it; default: guessed."),
)
@option(
    "--save-mapping",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=N_("Write the mapping that was used to a file, to look at and to correct."),
)
@option("--dry-run", is_flag=True, help=N_("Do everything but store; shows what would land."))
@option(
    "--skip-bad",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=N_("Store the good rows and write the bad ones to this CSV file."),
)
@option(
    "--accept",
    multiple=True,
    type=click.Choice(["import.swapped_columns"]),
    help=N_("Accept a doubt you have looked at, such as import.swapped_columns."),
)
@actor_option
@json_option
@click.pass_obj
def import_(
    state: State,
    /,
    *,
    paths: tuple[Path, ...],
    format_: str,
    network: str | None,
    audited: bool,
    zone: str | None,
    station: str | None,
    averaging: str,
    units: tuple[str, ...],
    datum: str | None,
    mapping: Path | None,
    save_mapping: Path | None,
    dry_run: bool,
    skip_bad: Path | None,
    accept: tuple[str, ...],
    actor: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian import``."""
    if save_mapping is not None and save_mapping.exists():
        raise InvalidArgumentError(
            "cli.usage_mapping_exists",
            _("{file} exists; name a new file to save the mapping in.").format(file=save_mapping),
            {"file": str(save_mapping)},
        )
    _need(paths)
    if zone is not None:
        from lantian.observations.layout import check_zone

        check_zone(zone)
    from lantian.cli.import_words import document, show
    from lantian.cli.output import emit
    from lantian.observations.imports import run
    from lantian.observations.readers import Options
    from lantian.observations.readers.registry import reader

    if format_ != "auto":
        reader(format_)  # says so when there is no such format
    home = state.open_home()
    options = Options(
        zone=zone or home.zone,
        station=station,
        mapping=_load(mapping),
        units=_units(units),
        period=averaging,
    )
    calibre: Literal["audited", "realtime"] = "audited" if audited else "realtime"
    try:
        with bar(quiet=state.quiet) as progress:
            report = run(
                paths,
                home.store,
                calibre=calibre,
                actor=state.actor(actor),
                format=format_,
                options=options,
                network=network,
                datum=datum,
                dry_run=dry_run,
                skip_bad=skip_bad,
                accept=accept,
                clock=state.now,
                progress=progress,
                thresholds=home.thresholds(),
                zone=zone,
            )
    except BadInputError:
        if save_mapping is not None:
            _save_guess(paths, format_, options, save_mapping, quiet=state.quiet)
        raise
    if save_mapping is not None:
        _save_used(report, save_mapping, quiet=state.quiet)
    if as_json:
        emit("import", {"calibre": calibre, **document(report)})
    else:
        revised = None
        if report.batch is not None and report.changed:
            revised = home.store.rows_of(report.batch).filter("revision").collect()
        show(report, zone=home.zone, quiet=state.quiet, revised=revised)


def _need(paths: tuple[Path, ...]) -> None:
    """Say which paths lead nowhere, before anything is read."""
    from lantian.observations.files import printable

    gone = [path for path in paths if not path.exists()]
    if gone:
        raise InvalidArgumentError(
            "cli.usage_no_such_path",
            _("There is no such file or folder: {paths}.").format(
                paths=", ".join(printable(path) for path in gone)
            ),
            {"paths": [str(path) for path in gone]},
        )


def _load(path: Path | None) -> Mapping | None:
    if path is None:
        return None
    from lantian.observations.readers.mapping import load

    return load(path)


def _units(given: tuple[str, ...]) -> dict[str, str]:
    """Return parameter → unit of ``--unit co=ug/m3``."""
    from lantian.observations.parameters import find_parameter

    units = {}
    for text in given:
        name, equals, unit = text.partition("=")
        known = find_parameter(name)
        if not equals or not unit.strip() or known is None:
            raise InvalidArgumentError(
                "cli.usage_unit",
                _("'{text}' is not a parameter and its unit; write it as co=ug/m3.").format(
                    text=text
                ),
                {"unit": text},
            )
        units[known.id] = unit.strip()
    return units


def _save_used(report: ImportReport, path: Path, *, quiet: bool) -> None:
    from lantian.observations.readers.mapping import save

    used = [f.reading.mapping for f in report.files if f.reading and f.reading.mapping]
    if not used:
        remark(_("No mapping was used: the files are of formats that need none."), quiet=quiet)
        return
    save(used[0], path)
    remark(_("The mapping is in {file}.").format(file=path), quiet=quiet)


def _save_guess(
    paths: tuple[Path, ...], format_: str, options: Options, target: Path, *, quiet: bool
) -> None:
    """Save the mapping of the first file that has one, so that it can be corrected."""
    from lantian.errors import DomainError
    from lantian.observations.readers import read_file
    from lantian.observations.readers.mapping import save

    for path in paths:
        try:
            mapping = read_file(path, format=format_, options=options).mapping
        except (DomainError, OSError):
            continue  # the error of the import tells what is wrong with it
        if mapping is not None:
            save(mapping, target)
            remark(_("The mapping is in {file}.").format(file=target), quiet=quiet)
            return
