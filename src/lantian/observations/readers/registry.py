"""Every format that can be read, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations.readers.base import Reader
from lantian.observations.readers.cnemc import CnemcReader
from lantian.observations.readers.cnemc_json import CnemcJsonReader
from lantian.observations.readers.firms import FirmsReader
from lantian.observations.readers.long import LongReader
from lantian.observations.readers.openaq import OpenAqCsvReader, OpenAqJsonReader
from lantian.observations.readers.table import TableReader
from lantian.observations.readers.uci_prsa import UciPrsaReader

_READERS: tuple[Reader, ...] = (
    UciPrsaReader(),
    CnemcReader(cities=False),
    CnemcReader(cities=True),
    OpenAqCsvReader(),
    FirmsReader(),
    LongReader(),
    CnemcJsonReader(),
    OpenAqJsonReader(),
    TableReader(),  # last: it takes any table
)

#: Name → reader.
FORMATS: Mapping[str, Reader] = MappingProxyType({r.name: r for r in _READERS})


def reader(name: str) -> Reader:
    """Return the reader called ``name``.

    Raises
    ------
    UnknownNameError
        ``read.unknown_format_name``.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownNameError(
            "read.unknown_format_name",
            _("There is no format '{name}'; use auto or one of {names}.").format(
                name=name, names=", ".join(FORMATS)
            ),
            {"format": name},
        ) from None
