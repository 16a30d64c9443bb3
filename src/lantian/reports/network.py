"""Which stations a report is about, and which of them make the city mean."""

from __future__ import annotations

import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _

KINDS = ("national", "provincial", "municipal", "township", "micro", "background", "other")
_FLAGS = ("control", "background")


def register_of(register: pl.DataFrame, hourly: pl.DataFrame, network: str) -> pl.DataFrame:
    """Return the stations of the report with what it needs to know of each.

    A station without a city belongs to the network's own. Where the register holds national
    stations, these alone make the city mean (the calibre cities are assessed by); otherwise all
    do. Control and background stations never do.

    Parameters
    ----------
    register
        ``station`` and, where known, ``name, city, network, kind, control, background, start,
        end``. Where it knows ``network``, stations of others are left out unless they
        have values.

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
    if "station" not in register.columns and "id" in register.columns:
        register = register.rename({"id": "station"})
    unknown = sorted(set(here) - set(register["station"]))
    if unknown:
        raise DomainError(
            "report.unknown_station",
            _(
                "{count} stations with measurements are not in the station register: {names}. "
                "Add them to the register, then make the report again."
            ).format(count=len(unknown), names=", ".join(unknown[:10])),
            {"stations": unknown},
        )
    columns = register.columns

    def text(name: str, otherwise: pl.Expr) -> pl.Expr:
        if name not in columns:
            return otherwise.alias(name)
        known = pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        return pl.coalesce(known, otherwise).alias(name)

    def day(name: str) -> pl.Expr:
        known = pl.col(name).cast(pl.Date) if name in columns else pl.lit(None, pl.Date)
        return known.alias(name)

    flags = [pl.col(c).cast(pl.Boolean).fill_null(False) for c in _FLAGS if c in columns]
    if "network" in columns and network in register["network"]:
        mine = pl.col("network").is_null() | (pl.col("network") == network)
        register = register.filter(mine | pl.col("station").is_in(here.implode()))
    frame = register.unique("station", keep="first", maintain_order=True).select(
        "station",
        text("name", pl.col("station")),
        text("city", pl.lit(network)),
        text("kind", pl.lit("other")),
        (pl.any_horizontal(flags) if flags else pl.lit(False)).alias("control"),
        day("start"),
        day("end"),
    )
    known = pl.col("kind").is_in(KINDS)
    frame = frame.with_columns(pl.when(known).then("kind").otherwise(pl.lit("other")).alias("kind"))
    national = (pl.col("kind") == "national") & ~pl.col("control")
    assessed = ~pl.col("control") & (pl.col("kind") != "background")
    if frame.select(national.any()).item():
        assessed = national
    order = pl.col("kind").replace_strict({k: i for i, k in enumerate(KINDS)})
    return frame.with_columns(assessed.alias("assessed")).sort(order, "station")
