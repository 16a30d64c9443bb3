"""The root of the command line: the list of commands, and how every run of it ends."""
# ruff: noqa: ANN401 - Click's own constructors and main take anything

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

import lantian
from lantian.cli import failures, language
from lantian.cli.base import LazyGroup, Option
from lantian.cli.failures import Exit
from lantian.cli.language import N_
from lantian.cli.state import State
from lantian.errors import DomainError
from lantian.i18n import gettext as _

_HERE = "lantian.cli"
_COMPLETION = "_LANTIAN_COMPLETE"  # set by a shell that asks for completions
# In the order of the work, as the list of commands shows it.
_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        f"{_HERE}.demo:demo",
        N_("Show a simulated county, live."),
    ),
    "init": (
        f"{_HERE}.begin:init",
        N_("Make a home for a network's data."),
    ),
    "administrator": (
        f"{_HERE}.begin:administrator",
        N_("Let somebody administer the home."),
    ),
    "serve": (
        f"{_HERE}.serve:serve",
        N_("Show the pages, and do the work behind them."),
    ),
    "stations": (
        f"{_HERE}.stations:stations",
        N_("The station register: list, import, set, export."),
    ),
    "import": (
        f"{_HERE}.importing:import_",
        N_("Take in files of measurements, whole or not at all."),
    ),
    "history": (
        f"{_HERE}.history:history",
        N_("Which imports and corrections there were."),
    ),
    "undo": (
        f"{_HERE}.changes:undo",
        N_("Take an import back."),
    ),
    "value": (
        f"{_HERE}.history:value",
        N_("Everything that was ever stored of one value."),
    ),
    "correct": (
        f"{_HERE}.changes:correct",
        N_("Correct one value; the old one stays readable."),
    ),
    "exclude": (
        f"{_HERE}.changes:exclude",
        N_("Leave values out of every mean, with the reason."),
    ),
    "include": (
        f"{_HERE}.changes:include",
        N_("Take an exclusion back."),
    ),
    "dust": (
        f"{_HERE}.dust:dust",
        N_("Sand-dust decisions whose PM may be deducted."),
    ),
    "evaluate": (
        f"{_HERE}.evaluate:evaluate",
        N_("Judge the air: means, percentiles, AQI, attainment."),
    ),
    "rank": (
        f"{_HERE}.rank:rank",
        N_("Rank stations or cities."),
    ),
    "report": (
        f"{_HERE}.report:report",
        N_("Write the report of a period as HTML and PDF."),
    ),
    "export": (
        f"{_HERE}.export:export",
        N_("Write tables as CSV, XLSX, Parquet or GeoJSON."),
    ),
    "standards": (
        f"{_HERE}.standards:standards",
        N_("The standards in use, and a calculator of the IAQI."),
    ),
    "formats": (
        f"{_HERE}.formats:formats",
        N_("The file formats that can be read."),
    ),
    "audit": (
        f"{_HERE}.audit:audit",
        N_("The audit log: verify, anchor, export."),
    ),
    "doctor": (
        f"{_HERE}.keeping:doctor",
        N_("Check the home and say what is wrong."),
    ),
    "backup": (
        f"{_HERE}.keeping:backup",
        N_("Copy the home into one file."),
    ),
    "restore": (
        f"{_HERE}.keeping:restore",
        N_("Bring a home back from a backup."),
    ),
    "upgrade": (
        f"{_HERE}.keeping:upgrade",
        N_("Bring the home to this version of Lantian."),
    ),
}

_EPILOG = N_(
    "Exit status:\n"
    "  0  done\n"
    "  1  unexpected error (--debug shows where)\n"
    "  2  wrong usage\n"
    "  3  bad input; nothing of it was taken in\n"
    "  4  the home: not made yet, of a later version, in use\n"
    "  5  doctor found something wrong\n"
    "  6  nothing found to show or to change\n"
    "130  interrupted"
)


class Root(LazyGroup):
    """The command ``lantian``: chooses the language first and turns errors into exit codes."""

    def main(  # type: ignore[override]  # it does not return
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command line and leave the process with an exit status."""
        given = list(sys.argv[1:] if args is None else args)
        extra.pop("standalone_mode", None)
        sys.exit(self._run(given, prog_name or "lantian", extra))

    def _run(self, args: list[str], prog_name: str, extra: dict[str, Any]) -> int:
        as_json, debug = "--json" in args, "--debug" in args
        language.teach_click()
        try:
            language.choose(args)
            if _COMPLETION in os.environ:
                super().main(args, prog_name, **extra)  # ends the process
            with self.make_context(prog_name, args, **extra) as ctx:
                self.invoke(ctx)
            sys.stdout.flush()
            return Exit.OK
        except click.exceptions.Exit as ended:
            return ended.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo(_("Interrupted; nothing half done was kept."), err=True)
            return Exit.INTERRUPTED
        except Exception as error:  # noqa: BLE001 - reported, with its traceback where asked for
            return _ended_by(error, as_json=as_json, debug=debug)


def _ended_by(error: Exception, *, as_json: bool, debug: bool) -> Exit:
    """Say what went wrong and return the exit status."""
    if isinstance(error, DomainError):
        return failures.report(error, as_json=as_json)
    if isinstance(error, click.ClickException):
        return failures.report_usage(error, as_json=as_json)
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        # the reader of our output (`| head`) has had enough; the interpreter flushes standard
        # output once more on its way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    if isinstance(error, OSError):
        return failures.report_machine(error, as_json=as_json)
    return failures.report_unexpected(error, as_json=as_json, debug=debug)


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value:
        click.echo(f"lantian {lantian.__version__}")
        ctx.exit()


@click.command(
    "lantian",
    cls=Root,
    lazy=_COMMANDS,
    help=N_("Lantian: from the measurement to the closed case."),
    epilog=_EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    cls=Option,
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=N_("Show the version and exit."),
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Remember the common options for the commands below."""
    ctx.ensure_object(State)


def main() -> NoReturn:
    """Run the command ``lantian``."""
    cli.main()
