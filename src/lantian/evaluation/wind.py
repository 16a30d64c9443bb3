"""Wind as vectors and as sectors.

Direction is where the wind comes FROM, in degrees clockwise from north. North is written 360;
0 is accepted and means the same. A calm has no direction: whoever averages directions leaves
calms out (``CALM`` is the speed up to which an hour is calm).
"""

from __future__ import annotations

from typing import Literal, get_args, overload

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.timeframe import Floats, Integers, check_choice, keys_of
from lantian.i18n import gettext as _

Weighting = Literal["unit", "speed"]
CALM = 0.0
NO_DIRECTION = 1e-9
"""Mean resultant length below which opposite winds have cancelled and no direction is left."""

SECTORS_EN = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
SECTORS_ZH = (
    *("北", "北东北", "东北", "东东北", "东", "东东南", "东南", "南东南"),
    *("南", "南西南", "西南", "西西南", "西", "西西北", "西北", "北西北"),
)
CALM_NAME = {"zh": "静风", "en": "calm"}


@overload
def components(speed: Floats, direction: Floats) -> tuple[Floats, Floats]: ...
@overload
def components(speed: pl.Expr, direction: pl.Expr) -> tuple[pl.Expr, pl.Expr]: ...
def components(
    speed: Floats | pl.Expr, direction: Floats | pl.Expr
) -> tuple[Floats | pl.Expr, Floats | pl.Expr]:
    """Split wind into its eastward-from and northward-from parts.

    Parameters
    ----------
    speed
        Wind speed [m/s].
    direction
        Where it comes from [°].

    Returns
    -------
    tuple
        ``(u, v)`` [m/s], pointing to where the wind comes from: an east wind has ``u > 0``. (The
        meteorological wind vector, where the air goes, is the negative of it.)
    """
    if isinstance(speed, pl.Expr) and isinstance(direction, pl.Expr):
        angle_expr = direction.radians()
        return speed * angle_expr.sin(), speed * angle_expr.cos()
    angle = np.deg2rad(direction)
    return speed * np.sin(angle), speed * np.cos(angle)


def direction_of(u: Floats, v: Floats, *, length: Floats | None = None) -> Floats:
    """Return the direction [°] of vectors pointing to where the wind comes from.

    Parameters
    ----------
    u, v
        As :func:`components` returns them.
    length
        What to compare with ``NO_DIRECTION``; the vector's own length if not given.

    Returns
    -------
    numpy.ndarray
        In (0, 360]: north is 360, never 0. NaN for a vector without length.
    """
    size = np.hypot(u, v) if length is None else length
    with np.errstate(invalid="ignore"):
        angle = np.rad2deg(np.arctan2(u, v)) % 360.0
        angle = np.where(angle == 0.0, 360.0, angle)
        return np.where(size > NO_DIRECTION, angle, np.nan)


def vector_mean(
    speed: Floats, direction: Floats, *, weighting: Weighting = "unit", calm: float | None = CALM
) -> tuple[float, float]:
    """Average wind as vectors.

    Parameters
    ----------
    speed, direction
        Wind speed [m/s] and direction [°], NaN where missing.
    weighting
        ``"unit"``: each hour's direction counts the same; ``"speed"``: by its wind speed.
    calm
        Hours of at most this speed [m/s] have no direction. ``None``: take them as they are.

    Returns
    -------
    tuple
        Mean direction [°] in (0, 360] and vector-mean speed [m/s], calms counting as zero speed;
        NaN where there is none.
    """
    check_choice(weighting, get_args(Weighting), "weighting")
    u, v, known = hourly_vectors(speed, direction, weighting="speed", calm=calm)
    resultant = float(np.hypot(u[known].mean(), v[known].mean())) if known.any() else float("nan")
    if weighting == "unit":
        u, v, _known = hourly_vectors(speed, direction, weighting="unit", calm=calm)
        known = ~np.isnan(u)
    if not known.any():
        return float("nan"), resultant
    mean = direction_of(np.atleast_1d(u[known].mean()), np.atleast_1d(v[known].mean()))
    return float(mean[0]), resultant


def hourly_vectors(
    speed: Floats, direction: Floats, *, weighting: Weighting, calm: float | None
) -> tuple[Floats, Floats, np.typing.NDArray[np.bool_]]:
    """Return what each hour adds to a vector mean, and which hours were observed.

    Unit vectors are NaN in calm hours (no direction). Speed vectors are zero there, because a calm
    is a measured absence of wind, whatever direction the vane stood at.

    Returns
    -------
    tuple
        ``u``, ``v`` [1 or m/s] and ``observed`` (bool), all shaped as ``speed``.
    """
    with np.errstate(invalid="ignore"):
        still = np.zeros(speed.shape, dtype=bool) if calm is None else speed <= calm
    if weighting == "unit":
        u, v = components(np.ones_like(speed), direction)
        return (
            np.where(still, np.nan, u),
            np.where(still, np.nan, v),
            still | ~np.isnan(direction),
        )
    u, v = components(speed, direction)
    u, v = np.where(still, 0.0, u), np.where(still, 0.0, v)
    return u, v, ~np.isnan(u)


def check_sectors(sectors: int) -> float:
    """Return the width of a sector [°], or raise InvalidArgumentError if it makes no sense."""
    if not 4 <= sectors <= 360:
        raise InvalidArgumentError(
            "evaluation.sectors",
            _("A rose has between 4 and 360 sectors, not {sectors}.").format(sectors=sectors),
            {"sectors": sectors},
        )
    return 360.0 / sectors


def sector_index(direction: Floats, sectors: int = 16) -> Integers:
    """Return the sector of each direction [°]: 0 is north, then clockwise; −1 where NaN.

    Sector ``k`` holds the directions in ``(centre − width/2, centre + width/2]``: one on the border
    belongs to the sector before it, as in openair.
    """
    width = check_sectors(sectors)
    known = ~np.isnan(direction)
    place = np.ceil(np.where(known, direction, 0.0) / width - 0.5).astype(np.int64) % sectors
    return np.where(known, place, -1)


def sector_centre(index: int, sectors: int = 16) -> float:
    """Return the centre [°] of a sector, 360 for north."""
    return index * check_sectors(sectors) or 360.0


def sector_name(index: int, sectors: int = 16, *, language: Literal["zh", "en"] = "zh") -> str:
    """Return the name of a sector: of the 16 points where the rose has them, else degrees."""
    check_choice(language, ("zh", "en"), "language")
    if sectors not in (4, 8, 16):
        return f"{sector_centre(index, sectors):g}°"
    names = SECTORS_ZH if language == "zh" else SECTORS_EN
    return names[index * (16 // sectors)]


def clean(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return the frame with ``ws``, ``wd`` and ``columns`` as floats, null (not NaN) if missing."""
    wanted = {c for c in (*columns, "ws", "wd") if c in frame.columns}
    return frame.with_columns(pl.col(c).cast(pl.Float64).fill_nan(None) for c in sorted(wanted))


def with_sector(frame: pl.DataFrame, sectors: int, calm: float | None) -> pl.DataFrame:
    """Add ``sector`` to a clean frame: −1 without direction, or in a calm if ``calm`` is given."""
    direction = frame["wd"].fill_null(float("nan")).to_numpy()
    out = frame.with_columns(pl.Series("sector", sector_index(direction, sectors)))
    if calm is None or "ws" not in frame.columns:
        return out
    still = (pl.col("ws") <= calm).fill_null(value=False)
    return out.with_columns(pl.when(still).then(-1).otherwise(pl.col("sector")).alias("sector"))


def sector_grid(frame: pl.DataFrame, sectors: int) -> pl.DataFrame:
    """Return every ``sector`` with its ``direction`` [°], for each station of the frame."""
    every = pl.DataFrame(
        {
            "sector": np.arange(sectors),
            "direction": [sector_centre(k, sectors) for k in range(sectors)],
        }
    )
    keys = keys_of(frame)
    if not keys:
        return every
    stations = frame.select(keys).unique().sort(keys)
    return stations.join(every, how="cross", maintain_order="left_right")
