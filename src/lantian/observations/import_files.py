"""From paths to files read: folders walked, station lists told from measurements, in parallel."""

from __future__ import annotations

import contextvars
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, DomainError, Problem, reason_of
from lantian.i18n import gettext as _
from lantian.observations.batches import ImportedFile
from lantian.observations.files import name_of, printable
from lantian.observations.import_report import Ignored
from lantian.observations.published import Agreement
from lantian.observations.readers import Options, Reading, detect, read_file
from lantian.observations.readers.detect import STATIONS
from lantian.observations.readers.table_cells import WORKBOOKS
from lantian.observations.readers.text import LINE
from lantian.observations.schema import empty
from lantian.observations.station_files import read_register
from lantian.progress import Progress

SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".json", ".geojson", ".parquet", *WORKBOOKS})
TERRITORIES = "read.territories"
_NO_TABLE = frozenset({"read.no_header", "read.no_time_column", "read.no_parameter", "read.empty"})
# Files of these suffixes may be anything: a note in a folder of data is no bad input.
_ANYTHING = frozenset({".txt", ".json", ".geojson"})
_NOT_OURS = _NO_TABLE | {"read.unknown_format", TERRITORIES}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to import; ``named`` when the caller gave it, not a folder it lies in."""

    path: Path
    named: bool


@dataclass
class Loaded:
    """One file, read; the checks take rows out of ``frame`` and add to ``problems``.

    ``ignored`` says why nothing of it is taken, ``code`` is that of the error which said so.
    ``lines`` are those of the rows of ``frame``. ``problems`` are what to tell, ``left_out`` every
    row that is not taken. ``merged``: two of its stations turned out to be one.
    """

    path: Path
    file: ImportedFile
    format: str = ""
    reading: Reading | None = None
    register: pl.DataFrame | None = None
    frame: pl.DataFrame = field(default_factory=empty)
    lines: pl.Series | None = None
    ignored: str | None = None
    code: str = ""
    published: Agreement | None = None
    problems: list[Problem] = field(default_factory=list)
    total: int = 0
    left_out: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    merged: bool = False

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return name_of(self.path)

    def object(self, problem: Problem) -> None:
        """Note something wrong with the file as a whole: nothing of it can be taken."""
        self.problems.append(problem)
        self.left_out.append(problem)
        self.total += 1
        self.frame, self.lines = self.frame.clear(), None

    def reject(
        self, bad: pl.Series, left_out: Sequence[Problem], told: Sequence[Problem] | None = None
    ) -> None:
        """Take the ``bad`` rows out of the frame.

        Parameters
        ----------
        left_out
            One for each row of the file that is not taken.
        told
            One for each thing to be mended; default: each row.
        """
        self.frame = self.frame.filter(~bad)
        if self.lines is not None:
            self.lines = self.lines.filter(~bad)
        problems = left_out if told is None else told
        self.left_out += left_out
        self.problems += problems
        self.total += len(problems)

    def places(self) -> pl.DataFrame:
        """Return ``station, time, line`` of the rows of the frame; line is null where unknown."""
        line = pl.lit(None, dtype=pl.UInt32).alias(LINE) if self.lines is None else self.lines
        return self.frame.select("station", "time").with_columns(line)


def walk(paths: Sequence[Path]) -> tuple[list[Found], list[Ignored]]:
    """Return the files of ``paths`` in a fixed order, folders entered, each once.

    Hidden files and files with an unknown suffix are passed over in folders; a file named by the
    caller is taken whatever it is called, also when it does not exist (reading it says so).
    """
    found: dict[Path, Found] = {}
    ignored: list[Ignored] = []
    for given in paths:
        if not given.is_dir():
            found.setdefault(given.resolve(), Found(given, named=True))
            continue
        for path in sorted(p for p in given.rglob("*") if p.is_file()):
            hidden = any(part.startswith(".") for part in path.relative_to(given).parts)
            if hidden or _suffix(path) not in SUFFIXES:
                reason = _("hidden") if hidden else _("no format known here has this suffix")
                ignored.append(Ignored(path, reason))
            else:
                found.setdefault(path.resolve(), Found(path, named=False))
    return list(found.values()), ignored


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def load_all(
    files: Sequence[Found],
    *,
    format: str,
    options: Options,
    datum: str | None,
    then: Callable[[Loaded], None],
    progress: Progress,
) -> list[Loaded]:
    """Read all files, several at once, each followed by ``then``; in the order given."""
    workers = max(1, min(len(files), os.cpu_count() or 1))
    task = _("Reading files")
    progress(task, 0, len(files))
    with ThreadPoolExecutor(workers) as pool, _cancelling(pool):
        # a thread of the pool does not inherit the language in force
        waiting: list[Future[Loaded]] = [
            pool.submit(contextvars.copy_context().run, _load, found, format, options, datum, then)
            for found in files
        ]
        loaded = []
        for done, one in enumerate(waiting, start=1):
            loaded.append(one.result())
            progress(task, done, len(files))
    return loaded


@contextmanager
def _cancelling(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Begin no further file when one failed in a way that is not a bad input."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _load(
    found: Found, format: str, options: Options, datum: str | None, then: Callable[[Loaded], None]
) -> Loaded:
    path = found.path
    one = Loaded(path, ImportedFile(name_of(path)))
    try:
        with path.open("rb") as raw:
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
        one.file = ImportedFile(name_of(path), digest, path.stat().st_size)
    except OSError as error:
        reason = reason_of(error)
        message = _("{file} cannot be opened: {reason}.").format(
            file=printable(path), reason=reason
        )
        one.object(Problem(name_of(path), message, "import.unreadable"))
        return one
    try:
        _read(one, format, options, datum)
        then(one)
    except BadInputError as error:
        if not found.named and _suffix(path) in _ANYTHING and error.code in _NOT_OURS:
            one.ignored, one.code = error.message, error.code
        else:
            _take_problems(one, error)
    except DomainError as error:
        if error.code == "read.not_measurements" and not found.named:
            one.ignored = error.message
        else:
            one.object(Problem(name_of(path), error.message, error.code))
    return one


def _read(one: Loaded, format: str, options: Options, datum: str | None) -> None:
    one.format = detect(one.path) if format == "auto" else format
    if one.format == STATIONS:
        one.register = read_register(one.path, datum=datum)
        return
    try:
        reading = read_file(one.path, format=one.format, options=options)
    except BadInputError as error:
        # the head of a workbook does not show whether it is a list of stations
        if one.path.suffix.lower() not in WORKBOOKS or error.code not in _NO_TABLE:
            raise
        try:
            one.register = read_register(one.path, datum=datum)
        except DomainError as other:
            raise error from other
        one.format = STATIONS
        return
    one.reading, one.frame, one.lines = reading, reading.frame, reading.lines
    one.notes = list(reading.notes)
    one.problems = list(reading.problems)
    one.left_out = list(reading.problems)
    one.total = reading.total or len(reading.problems)


def _take_problems(one: Loaded, error: BadInputError) -> None:
    one.frame, one.lines = empty(), None
    if error.problems:
        one.problems += error.problems
        one.left_out += error.problems
        one.total += error.total
    else:
        one.object(Problem(one.name, error.message, error.code))
