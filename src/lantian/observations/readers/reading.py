"""Read a file of measurements, whatever its format."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, DomainError
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers.base import Options, Reading
from lantian.observations.readers.detect import STATIONS, detect
from lantian.observations.readers.registry import reader

_DEFAULT = Options()


def read_file(path: Path | str, *, format: str = "auto", options: Options = _DEFAULT) -> Reading:
    """Read one file, keeping the good rows and listing every bad one.

    Parameters
    ----------
    path
        The file; gzip is opened, UTF-8 (with or without mark), UTF-16 and GBK are understood.
    format
        A name of ``FORMATS``; ``auto`` looks at the file.
    options
        What the file does not say: time zone, station, units.

    Raises
    ------
    BadInputError
        Nothing of the file can be read: see ``readers.text``.
    DomainError
        ``read.not_measurements``: fire spots or a list of stations.
    UnknownNameError
        There is no such format.
    """
    path = Path(path)
    name = detect(path) if format == "auto" else format
    if name == STATIONS:
        raise DomainError(
            "read.not_measurements",
            _("{file} is a list of stations, not measurements; add it to the register.").format(
                file=name_of(path)
            ),
            {"file": name_of(path), "format": name},
        )
    return reader(name).read(path, options)


def read(path: Path | str, *, format: str = "auto", options: Options = _DEFAULT) -> pl.DataFrame:
    """Read one file of measurements whole.

    Parameters
    ----------
    path, format, options
        As :func:`read_file`.

    Returns
    -------
    DataFrame
        The long frame of ``observations.schema``: ``time`` in UTC at the end of the period, values
        in the units of ``parameters.toml``. A missing value is an absent row.

    Raises
    ------
    BadInputError
        ``read.bad_rows`` when a single row is bad, with every bad place in ``problems``; also as
        :func:`read_file`.
    """
    reading = read_file(path, format=format, options=options)
    if reading.problems:
        total = reading.total or len(reading.problems)
        raise BadInputError(
            "read.bad_rows",
            _("{file}: nothing was read; bad places: {n}.").format(
                file=Path(path).name, n=f"{total:,}"
            ),
            reading.problems,
            total,
        )
    return reading.frame
