"""Is this installation in order? A finding for each thing that can be wrong, and its remedy."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from lantian.errors import DomainError, reason_of
from lantian.home import doctor_serving, doctor_workdays
from lantian.home.backup import last_backup
from lantian.home.clock import clock_of
from lantian.home.findings import Diagnosis, Finding, limit
from lantian.home.layout import Home
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.observations import maintenance
from lantian.observations.layout import Clock, utc_now
from lantian.progress import Progress, silent

__all__ = ["Diagnosis", "Finding", "examine"]

_FONTS = "pylopdf_fonts_zh_cn"
_MEGABYTE = 1024**2


def examine(
    path: Path,
    *,
    clock: Clock = utc_now,
    python: tuple[int, int] = sys.version_info[:2],
    fonts: str = _FONTS,
    progress: Progress = silent,
    environ: Mapping[str, str] | None = None,
    more: Callable[[Home], list[Finding]] = lambda _home: [],
) -> Diagnosis:
    """Run every check on the home at ``path``; what cannot be checked for lack of it is left out.

    Parameters
    ----------
    clock
        The clock of the machine, which is itself checked.
    python, fonts
        Version of Python and name of the package of fonts in use.
    environ
        Settings that come before those of the file; default: that of the process.
    more
        Further checks, by whoever knows more than a folder.
    """
    findings = [_python(python), _fonts(fonts)]
    try:
        home = Home.open(path)
    except DomainError as error:
        what = _("The home")
        findings.append(Finding("home.opens", "fail", what, error.message, _fix_home(error.code)))
        return Diagnosis(tuple(findings))
    opened = _("{name}, zone {zone}").format(name=home.name, zone=home.zone)
    findings.append(Finding("home.opens", "ok", _("The home"), opened))
    clock = clock_of(home, clock)
    checks: list[Callable[[], list[Finding]]] = [
        lambda: [_writable(home.path)],
        lambda: [_disk(home.path)],
        lambda: _store(home, clock),
        lambda: [_backup(home, clock())],
        lambda: [_rules(home)],
        lambda: [_evaluation(home)],
        lambda: [doctor_workdays.finding(home, clock())],
        lambda: doctor_serving.findings(home, os.environ if environ is None else environ),
        lambda: more(home),
    ]
    for done, check in enumerate(checks):
        progress(_("Checking"), done, len(checks))
        findings += check()
    progress(_("Checking"), len(checks), len(checks))
    return Diagnosis(tuple(findings))


def _fix_home(code: str) -> str:
    return {
        "home.not_initialised": _("Run `lantian init`."),
        "home.needs_upgrade": _("Run `lantian upgrade`."),
        "home.too_new": _("Install the latest version of Lantian."),
    }.get(code, _("Correct settings.toml, or restore a backup."))


def _python(version: tuple[int, int]) -> Finding:
    title = _("Python")
    needed = tuple(limit("python", "minimum"))
    found = ".".join(map(str, version))
    if version >= needed:
        return Finding("python.version", "ok", title, found)
    return Finding(
        "python.version",
        "fail",
        title,
        _("{found} is too old.").format(found=found),
        _("Install Python {needed} or later.").format(needed=".".join(map(str, needed))),
    )


def _fonts(package: str) -> Finding:
    title = _("Chinese fonts for PDF")
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [p.name for f in folders for p in sorted(Path(f).rglob("*.[ot]tf"))]
    if found:
        return Finding("fonts.pdf", "ok", title, ", ".join(found))
    return Finding(
        "fonts.pdf",
        "fail",
        title,
        _("No font with Chinese characters is installed; reports would show boxes."),
        _("Install the package {name}.").format(name=_FONTS),
    )


def _writable(path: Path) -> Finding:
    title = _("Writing to the home")
    try:
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"lantian")
    except OSError as error:
        return Finding(
            "home.writable",
            "fail",
            title,
            _("Nothing can be written to {path}: {reason}.").format(
                path=path, reason=reason_of(error)
            ),
            _("Give the user who runs Lantian the right to write there."),
        )
    return Finding("home.writable", "ok", title, str(path))


def _disk(path: Path) -> Finding:
    title = _("Free disk space")
    free = shutil.disk_usage(path).free // _MEGABYTE
    message = _("{free} MB free").format(free=f"{free:,}")
    fix = _("Free some space, or move the home to a larger disk.")
    if free < limit("disk", "fail_below_mb"):
        return Finding("disk.space", "fail", title, message, fix)
    if free < limit("disk", "warn_below_mb"):
        return Finding("disk.space", "warn", title, message, fix)
    return Finding("disk.space", "ok", title, message)


def _store(home: Home, clock: Clock) -> list[Finding]:
    title = _("The store of measurements")
    try:
        home.store  # noqa: B018 - opening is the check
    except DomainError as error:
        fix = _("Restore a backup.")
        return [Finding("store.opens", "fail", title, error.message, fix)]
    batches = home.store.batches()
    opened = ngettext("{n} batch", "{n} batches", batches.height).format(n=f"{batches.height:,}")
    return [
        Finding("store.opens", "ok", title, opened),
        _ledger(home),
        _orphans(home, clock),
        _zone(home),
        _clock(home, clock()),
    ]


def _ledger(home: Home) -> Finding:
    title = _("Files and import history")
    found = maintenance.check(home.store)
    if found.sound:
        rows = _("{n} rows").format(n=f"{found.rows_in_files:,}")
        return Finding("store.ledger", "ok", title, rows)
    message = (
        _("{n} files of measurements are missing or damaged, first {first}.").format(
            n=len(found.missing), first=found.missing[0].name
        )
        if found.missing
        else _("The files hold {files} rows, the history speaks of {ledger}.").format(
            files=f"{found.rows_in_files:,}", ledger=f"{found.rows_in_ledger:,}"
        )
    )
    return Finding("store.ledger", "fail", title, message, _("Restore a backup."))


def _orphans(home: Home, clock: Clock) -> Finding:
    title = _("Leftover files")
    try:
        found = maintenance.clean(home.store, dry_run=True, clock=clock)
    except (DomainError, OSError) as error:
        message = error.message if isinstance(error, DomainError) else str(error)
        return Finding("store.orphans", "warn", title, message, _("Try again later."))
    if not found.files:
        return Finding("store.orphans", "ok", title, _("none"))
    return Finding(
        "store.orphans",
        "warn",
        title,
        _("{n} files ({size} MB) belong to nothing, left by writers that were stopped.").format(
            n=len(found.files), size=f"{found.bytes / _MEGABYTE:,.1f}"
        ),
        _("Run `lantian doctor --clean`; nothing that counts is removed."),
    )


def _zone(home: Home) -> Finding:
    title = _("Time zone")
    if home.store.zone == home.zone:
        return Finding("time.zone", "ok", title, home.zone)
    return Finding(
        "time.zone",
        "fail",
        title,
        _("The settings say {zone}, the store files its months by {stored}.").format(
            zone=home.zone, stored=home.store.zone
        ),
        _("Set zone in settings.toml back to {stored}.").format(stored=home.store.zone),
    )


def _clock(home: Home, now: datetime) -> Finding:
    title = _("The clock of this machine")
    batches = home.store.batches().filter(state="landed")
    newest: list[datetime] = [
        t
        for t in (batches["last_time"].max(), batches["landed_at"].max())
        if isinstance(t, datetime)
    ]
    latest = max([*newest, home.settings.created])
    if now >= latest - timedelta(hours=limit("clock", "tolerance_hours")):
        return Finding("clock.sane", "ok", title, now.isoformat(timespec="seconds"))
    return Finding(
        "clock.sane",
        "fail",
        title,
        _("It says {now}, but there are data of {latest}.").format(
            now=now.isoformat(timespec="minutes"), latest=latest.isoformat(timespec="minutes")
        ),
        _("Set the clock; new measurements would be refused as future ones."),
    )


def _backup(home: Home, now: datetime) -> Finding:
    title = _("Backup")
    fix = _("Run `lantian backup`, best to another disk, and every week.")
    try:
        last = last_backup(home.path)
    except (ValueError, KeyError) as error:
        message = _("The note of the last backup cannot be read: {reason}.").format(reason=error)
        return Finding("backup.age", "warn", title, message, fix)
    if last is None and home.settings.simulated:
        return Finding("backup.age", "ok", title, _("Simulated data need none."))
    if last is None:
        return Finding("backup.age", "warn", title, _("There was never a backup."), fix)
    days = (now - last.made_at) / timedelta(days=1)
    message = (
        _("none since this home came from {path}, made {days} days ago")
        if last.restored
        else _("{days} days ago, {path}")
    ).format(days=f"{max(days, 0):.0f}", path=last.path)
    if not last.path.is_file():
        message = _("The last backup, {path}, is no longer there.").format(path=last.path)
        return Finding("backup.age", "warn", title, message, fix)
    if days > limit("backup", "warn_after_days"):
        return Finding("backup.age", "warn", title, message, fix)
    return Finding("backup.age", "ok", title, message)


def _rules(home: Home) -> Finding:
    title = _("Rules of quality control")
    try:
        thresholds = home.thresholds()
    except DomainError as error:
        return Finding("rules.quality", "fail", title, error.message, _("Correct the file."))
    local = sum(t.status == "local" for t in thresholds)
    message = _("{n} thresholds, {local} of them set here").format(n=len(thresholds), local=local)
    return Finding("rules.quality", "ok", title, message)


def _evaluation(home: Home) -> Finding:
    title = _("Choices of evaluation")
    try:
        settings = home.evaluation()
    except DomainError as error:
        fix = _("Correct [evaluation] in settings.toml.")
        return Finding("standards.unverified", "fail", title, error.message, fix)
    doubtful = ", ".join(f"`{choice.name}`" for choice in settings.in_doubt())
    if not doubtful:
        return Finding("standards.unverified", "ok", title, _("all confirmed"))
    return Finding(
        "standards.unverified",
        "warn",
        title,
        _("No confirmed source backs {names}.").format(names=doubtful),
        _("Compare them with the text of the standards; set them under [evaluation]."),
    )
