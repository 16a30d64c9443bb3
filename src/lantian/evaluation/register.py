"""Which stations of the register count here, and which of them make the city mean."""

from __future__ import annotations

import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _

KINDS = ("national", "provincial", "municipal", "township", "micro", "background", "other")
DESCRIBED: dict[str, pl.DataType] = {
    "station": pl.String(),
    "name": pl.String(),
    "city": pl.String(),
    "town": pl.String(),
    "kind": pl.String(),
    "control": pl.Boolean(),
    "assessed": pl.Boolean(),
    "operator": pl.String(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
    "start": pl.Date(),
    "end": pl.Date(),
}
_REPORTED = ["station", "name", "city", "kind", "control", "start", "end", "assessed"]
_FLAGS = ("control", "background")


def register_of(register: pl.DataFrame, hourly: pl.DataFrame, network: str) -> pl.DataFrame:
    """Return the stations of a report with what it needs to know of each; see :func:`described`.

    Parameters
    ----------
    hourly
        A table whose stations must all be in the register.

    Returns
    -------
    polars.DataFrame
        ``station, name, city, kind, control, assessed, start, end``; sorted by kind and station.

    Raises
    ------
    DomainError
        ``report.unknown_station``: the measurements name a station the register does not.
    """
    here = hourly["station"].unique()
    column = "station" if "station" in register.columns else "id"
    unknown = sorted(set(here) - set(register[column]))
    if unknown:
        raise DomainError(
            "report.unknown_station",
            _(
                "{count} stations with measurements are not in the station register: {names}. "
                "Add them to the register, then make the report again."
            ).format(count=len(unknown), names=", ".join(unknown[:10])),
            {"stations": unknown},
        )
    return described(register, network, measured=here).select(_REPORTED)


def described(register: pl.DataFrame, network: str, *, measured: pl.Series) -> pl.DataFrame:
    """Return the stations of a network with what there is to know of each.

    A station without a city belongs to the network's own. Where the register holds national
    stations, these alone make the city mean (the calibre cities are assessed by); otherwise all
    do. Control and background stations never do.

    Parameters
    ----------
    register
        ``station`` (or ``id``) and, where known, ``name, city, town, network, kind, control,
        background, operator, lon, lat, start, end``. Where it knows ``network``, stations of
        others are left out unless they have values.
    network
        Name of the network.
    measured
        The stations that have values.

    Returns
    -------
    polars.DataFrame
        The columns of ``DESCRIBED``; ``name``, ``city`` and ``kind`` are never null; sorted by
        kind and station.
    """
    if "station" not in register.columns and "id" in register.columns:
        register = register.rename({"id": "station"})
    columns = register.columns

    def text(name: str, otherwise: pl.Expr) -> pl.Expr:
        if name not in columns:
            return otherwise.alias(name)
        known = pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        return pl.coalesce(known, otherwise).alias(name)

    def as_is(name: str) -> pl.Expr:
        kind = DESCRIBED[name]
        return (pl.col(name).cast(kind) if name in columns else pl.lit(None, kind)).alias(name)

    flags = [pl.col(c).cast(pl.Boolean).fill_null(False) for c in _FLAGS if c in columns]
    if "network" in columns and network in register["network"]:
        mine = pl.col("network").is_null() | (pl.col("network") == network)
        register = register.filter(mine | pl.col("station").is_in(measured.unique().implode()))
    none = pl.lit(None, pl.String)
    frame = register.unique("station", keep="first", maintain_order=True).select(
        "station",
        text("name", pl.col("station")),
        text("city", pl.lit(network)),
        text("town", none),
        text("kind", pl.lit("other")),
        (pl.any_horizontal(flags) if flags else pl.lit(False)).alias("control"),
        text("operator", none),
        *(as_is(name) for name in ("lon", "lat", "start", "end")),
    )
    known = pl.col("kind").is_in(KINDS)
    frame = frame.with_columns(pl.when(known).then("kind").otherwise(pl.lit("other")).alias("kind"))
    national = (pl.col("kind") == "national") & ~pl.col("control")
    assessed = ~pl.col("control") & (pl.col("kind") != "background")
    if frame.select(national.any()).item():
        assessed = national
    order = pl.col("kind").replace_strict({k: i for i, k in enumerate(KINDS)})
    return (
        frame.with_columns(assessed.alias("assessed"))
        .sort(order, "station")
        .select(list(DESCRIBED))
    )
