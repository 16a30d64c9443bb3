"""Import files of measurements: read, checked, judged, and stored as one batch or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.observations.batches import Batch, ImportedFile
from lantian.observations.files import printable
from lantian.observations.import_checks import ACCEPTABLE, SWAPPED, Checks
from lantian.observations.import_conflicts import object_to_conflicts
from lantian.observations.import_files import Found, Loaded, load_all, walk
from lantian.observations.import_judging import judged
from lantian.observations.import_months import by_month
from lantian.observations.import_rejects import refuse_onto_input, write_rejects
from lantian.observations.import_report import FileReport, Ignored, ImportReport
from lantian.observations.import_stations import Resolved, resolve, updated
from lantian.observations.landing import Preview
from lantian.observations.layout import Clock, aware, utc_now
from lantian.observations.quality_thresholds import Thresholds, load_thresholds
from lantian.observations.readers import Options
from lantian.observations.schema import Calibre
from lantian.observations.store import Store, not_as_shown
from lantian.progress import Progress, silent

__all__ = ["ACCEPTABLE", "SWAPPED", "FileReport", "Ignored", "ImportReport", "run"]

_DEFAULT = Options()


def run(
    paths: Sequence[Path | str],
    store: Store,
    *,
    calibre: Calibre,
    actor: str,
    format: str = "auto",
    options: Options = _DEFAULT,
    network: str | None = None,
    datum: str | None = None,
    dry_run: bool = False,
    skip_bad: Path | None = None,
    accept: Collection[str] = (),
    clock: Clock = utc_now,
    progress: Progress = silent,
    thresholds: Thresholds | None = None,
    zone: str | None = None,
    list_bad: Path | None = None,
    event: int | None = None,
    expected: str | None = None,
) -> ImportReport:
    """Import files of measurements and station lists as one batch.

    The files are read, their dates, stations and columns checked, compared with each other,
    judged by quality control together with what is stored around them, and stored. On any problem
    nothing is stored and every bad place is listed, unless ``skip_bad`` says where the bad rows
    go. Importing the same files again changes nothing.

    Parameters
    ----------
    paths
        Files, and folders to be walked.
    calibre
        Whether the values are real-time or audited ones.
    actor
        Who imports.
    format, options
        As for ``readers.read_file``; the zone of the options is replaced by ``zone``.
    network
        Network of the stations that are not in the register, which are then entered. Without it
        they are entered only into an empty register, as network ``default``.
    datum
        Datum of the coordinates of station lists that do not state one.
    dry_run
        Do everything but change the store, and count what would be new, changed, the same.
    skip_bad
        CSV to write the bad rows to; the good ones are then stored. Replaced if it exists, unless
        it is one of the files to import.
    accept
        Codes of :data:`ACCEPTABLE` problems that the caller has looked at: remarks instead.
    clock
        Gives the time after which values are future ones.
    thresholds
        Of quality control and of the checks; default: the shipped ones.
    zone
        Zone of local times without an offset; default: that of the store.
    list_bad
        For a trial run: CSV to write every bad row to. Bad rows are then reported, not raised.
    event
        Number of the entry of the audit log that was written before.
    expected
        ``fingerprint`` of the trial run somebody agreed to: nothing lands if something else would.

    Returns
    -------
    ImportReport
        What was found and done.

    Raises
    ------
    BadInputError
        ``import.bad_input`` with every bad place; ``import.nothing`` when there is no file.
    DomainError
        ``store.disk_full``, ``store.locked``, ``import.skipped_onto_input``,
        ``import.skipped_not_written``, ``store.not_as_shown``.
    """
    limits = load_thresholds() if thresholds is None else thresholds
    job = _Job(store, calibre, actor, clock, progress, limits, zone or store.zone)
    found, ignored = _found(store, paths)
    if skip_bad is not None:
        refuse_onto_input(skip_bad, [one.path for one in found])
    files, passed_over = _read(
        job, found, format=format, options=options, datum=datum, accept=accept
    )
    nearest = int(limits.general("import", "nearest"))
    resolved = resolve(files, store.stations(), network, nearest)
    object_to_conflicts(files, job.zone)
    problems, total = _problems(files)
    listing = list_bad if dry_run else None
    if listing is not None:
        write_rejects(listing, files)
    if total and skip_bad is None and listing is None:
        raise _bad_input(problems, total)
    frame, findings = judged(
        files, resolved.register, store, calibre, limits=limits, progress=progress
    )
    if total and frame.is_empty() and listing is None:
        if skip_bad is not None and not dry_run and any(p.line is not None for p in problems):
            write_rejects(skip_bad, files)
        raise _nothing_good(problems, total)
    skipped = None
    batch: Batch | None = None
    preview: Preview | None = None
    if dry_run:
        preview = _previewed(job, files, frame)
        batch = preview.batch
    else:
        if total and skip_bad is not None:
            write_rejects(skip_bad, files)
            skipped = skip_bad
        batch = _stored(job, files, frame, resolved, event=event, expected=expected)
    counts = _by_file(preview, len(files))
    return ImportReport(
        files=[_reported(one, *n) for one, n in zip(files, counts, strict=True)],
        ignored=[*ignored, *passed_over],
        problems=problems,
        total_problems=total,
        skipped=skipped,
        stations_new=resolved.new,
        stations_changed=resolved.changed,
        columns_changed=resolved.columns,
        quality=findings,
        rows=frame.height,
        new=batch.rows_new if batch else None,
        changed=batch.rows_changed if batch else None,
        same=batch.rows_same if batch else None,
        held=batch.rows_held if batch else None,
        batch=batch.id if batch and batch.id and not dry_run else None,
        trial=dry_run,
        changes=None if preview is None else preview.changes,
        fingerprint=None if preview is None else _fingerprint(preview.fingerprint, resolved),
    )


@dataclass(frozen=True)
class _Job:
    """What every step of one import needs."""

    store: Store
    calibre: Calibre
    actor: str
    clock: Clock
    progress: Progress
    limits: Thresholds
    zone: str


def _found(store: Store, paths: Sequence[Path | str]) -> tuple[list[Found], list[Ignored]]:
    """Return the files to read, having asked for the room they will take."""
    found, ignored = walk([Path(p) for p in paths])
    if not found:
        message = _("There is no file to import in {paths}.").format(
            paths=", ".join(printable(p) for p in paths) or _("an empty list")
        )
        raise BadInputError("import.nothing", message)
    # measurements take less room stored than in any text file, so their size is enough to ask for
    store.check_space(sum(f.path.stat().st_size for f in found if f.path.is_file()))
    return found, ignored


def _read(
    job: _Job,
    found: Sequence[Found],
    *,
    format: str,
    options: Options,
    datum: str | None,
    accept: Collection[str],
) -> tuple[list[Loaded], list[Ignored]]:
    checks = Checks(aware(job.clock()), job.zone, job.limits, accept)
    loaded = load_all(
        found,
        format=format,
        options=replace(options, zone=job.zone),
        datum=datum,
        then=checks,
        progress=job.progress,
    )
    ignored = [
        Ignored(one.path, one.ignored, one.code) for one in loaded if one.ignored is not None
    ]
    return [one for one in loaded if one.ignored is None], ignored


def _problems(files: Sequence[Loaded]) -> tuple[list[Problem], int]:
    problems = [p for one in files for p in one.problems]
    return problems[: BadInputError.LIMIT], sum(one.total for one in files)


def _bad_input(problems: Sequence[Problem], total: int) -> BadInputError:
    return BadInputError(
        "import.bad_input",
        ngettext(
            "{n} problem in {files}; nothing was imported. Mend it, or give --skip-bad FILE to "
            "import the good rows and have the bad ones written to FILE.",
            "{n} problems in {files}; nothing was imported. Mend them, or give --skip-bad FILE to "
            "import the good rows and have the bad ones written to FILE.",
            total,
        ).format(n=f"{total:,}", files=_files_of(problems)),
        problems,
        total,
    )


def _nothing_good(problems: Sequence[Problem], total: int) -> BadInputError:
    return BadInputError(
        "import.nothing_good",
        _("Nothing of {files} can be imported: there is no good row.").format(
            files=_files_of(problems)
        ),
        problems,
        total,
    )


def _files_of(problems: Sequence[Problem]) -> str:
    names = list(dict.fromkeys(p.file for p in problems))
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _previewed(job: _Job, files: Sequence[Loaded], frame: pl.DataFrame) -> Preview:
    """Return what the values would do, their source being the number of their file."""
    numbers = [
        pl.repeat(str(n), one.frame.height, dtype=pl.String, eager=True)
        for n, one in enumerate(files)
        if not one.frame.is_empty()
    ]
    if numbers:
        frame = frame.with_columns(pl.concat(numbers).alias("source"))
    months = _monthly(frame, job.store.zone, job.progress, _("Comparing"))
    return job.store.preview(months, calibre=job.calibre, clock=job.clock)


def _by_file(preview: Preview | None, files: int) -> list[tuple[int | None, int | None]]:
    """Return how many values of each file are new and how many change one; None: not counted."""
    if preview is None:
        return [(None, None)] * files
    found = {int(s): (new, changed) for s, new, changed in preview.by_source.iter_rows()}
    return [found.get(n, (0, 0)) for n in range(files)]


def _fingerprint(values: str, resolved: Resolved) -> str:
    """Return a text that changes whenever other values or other stations would land."""
    touched = [*resolved.new, *resolved.changed]
    rows = resolved.register.filter(pl.col("station").is_in(touched)).sort("station").rows()
    digest = hashlib.sha256(repr((resolved.new, resolved.changed, rows)).encode()).hexdigest()
    return f"{values}-{digest[:16]}"


def _stored(
    job: _Job,
    files: Sequence[Loaded],
    frame: pl.DataFrame,
    resolved: Resolved,
    *,
    event: int | None,
    expected: str | None,
) -> Batch | None:
    """Save the register and the values; when the values fail to land, the register is as before."""
    store = job.store
    values = None if expected is None else expected.partition("-")[0]
    with store.writing("import", job.actor, job.clock):
        if expected is not None and _fingerprint(values or "", resolved) != expected:
            raise not_as_shown()
        batches = store.batches().height
        saved = None
        if resolved.new or resolved.changed:
            register = updated(store.stations(), resolved)
            saved = store.save_stations(register, job.actor, job.clock, event=event)
        if frame.is_empty():
            return None
        try:
            return store.append(
                _monthly(frame, store.zone, job.progress, _("Storing")),
                calibre=job.calibre,
                kind="import",
                actor=job.actor,
                files=[_history(one) for one in files if one.register is None],
                clock=job.clock,
                event=event,
                expected=values,
            )
        except BaseException:
            # a batch can land and an error follow; its stations are then needed
            if saved is not None and store.batches().height == batches:
                store.withdraw_stations(saved, job.actor, job.clock)
            raise


def _monthly(
    frame: pl.DataFrame, zone: str, progress: Progress, task: str
) -> Iterator[pl.DataFrame]:
    """Give the store whole months, which it need not sort out, telling how far it is."""
    months = by_month(frame, zone)
    for done, month in enumerate(months):
        progress(task, done, len(months))
        yield month()
    progress(task, len(months), len(months))


def _history(one: Loaded) -> ImportedFile:
    return replace(one.file, rows=one.frame.height)


def _reported(one: Loaded, new: int | None, changed: int | None) -> FileReport:
    frame = one.frame
    of_list = one.register.height if one.register is not None else 0
    first, last = frame["time"].min(), frame["time"].max()
    reading = one.reading
    if reading is not None:
        reading = replace(reading, frame=reading.frame.clear(), lines=None)
    return FileReport(
        name=one.name,
        path=one.path,
        sha256=one.file.sha256,
        bytes=one.file.bytes,
        format=one.format,
        rows=of_list or frame.height,
        stations=of_list or frame["station"].n_unique(),
        first=first if isinstance(first, datetime) else None,
        last=last if isinstance(last, datetime) else None,
        problems=one.total,
        notes=tuple(one.notes),
        reading=reading,
        published=one.published,
        parameters=tuple(frame["parameter"].unique().sort()),
        new=new,
        changed=changed,
    )
