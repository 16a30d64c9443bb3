"""Tells whether two pictures are one photograph: written anew, cut at the edges, made brighter.

Two steps. A perceptual hash (the DCT hash of ``imagehash``) finds, among all, the few that could be
the same. Each of these is then laid over the other: scale and shift are fitted by least squares
(Lucas and Kanade 1981, with one scale and shift for each axis, from coarse to fine), the grey
levels are brought into line by their ranks, which undoes any brightening, and what is left is
looked at block by block. A copy leaves nothing anywhere; an honest photograph of the same place
from the same spot leaves much where the place was put right. So the few worst blocks decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float64]
SIDE = 64  # px of the square a picture is compared as
_HASH = 16  # bits each way
_CUT = 0.05  # of each side, off the middle
_BLOCK = 8  # px
_LEVELS = (16, 32, 64)  # px of the square, from coarse to fine
_STEPS = 8  # of the fit, on each level
_STARTS = (1.0, 0.9, 1 / 0.9)  # scales the fit begins with
_WORST = 6  # of the blocks, by which a pair is judged
_LEAST = 0.6  # of the square that both must show
BYTES = 2 * _HASH**2 // 8  # of the hashes of a picture
_FLAT = 4.0  # grey levels: a picture with less contrast shows nothing to compare


@dataclass(frozen=True)
class Look:
    """What a picture looks like.

    Parameters
    ----------
    bits
        Hash of the whole, then of its middle, by which one that was cut is found.
    grey
        Itself as a square.
    """

    bits: bytes
    grey: Grey

    @property
    def plain(self) -> bool:
        """Say whether there is nothing in it to know it by, e.g. a wall or the dark."""
        return float(self.grey.std()) < _FLAT


def look(path: Path) -> Look:
    """Return what a picture looks like, from its small one."""
    with Image.open(path, formats=("JPEG",)) as picture:
        return look_of(picture)


def look_of(picture: Image.Image) -> Look:
    """Return what an open, upright picture looks like."""
    plain = picture.convert("L")
    width, height = plain.size
    cut = (width * _CUT, height * _CUT, width * (1 - _CUT), height * (1 - _CUT))
    middle = plain.crop(tuple(round(edge) for edge in cut))  # type: ignore[arg-type]
    found = [imagehash.phash(part, hash_size=_HASH).hash for part in (plain, middle)]
    grey = np.asarray(plain.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    return Look(np.packbits(np.concatenate(found)).tobytes(), grey)


def unlikeness(a: Grey, b: Grey, enough: float = 0.0) -> float:
    """Return how much two pictures differ where they differ most, once laid over each other.

    Parameters
    ----------
    enough
        No better fit is looked for below this.

    Returns
    -------
    float
        Root mean square of the difference in the worst blocks, as a share of the contrast (the
        standard deviation) of the whole: 0 for the same, 1 and more for different ones.
    """
    least = np.inf
    for start in _STARTS:
        least = min(least, _left(a, b, _fit(a, b, start)))
        if least <= enough:
            break
    return float(least)


def _fit(a: Grey, b: Grey, start: float) -> NDArray[np.float64]:
    """Return scale and shift of both axes that lay ``a`` over ``b``; the square is -1 … 1."""
    fitted = np.array([start, 0.0, start, 0.0])
    for side in _LEVELS:
        small, large = _shrunk(b, side), _shrunk(a, side)
        target = (small - small.mean()) / (small.std() + 1e-9)
        centred = (large - large.mean()) / (large.std() + 1e-9)
        slope_y, slope_x = np.gradient(centred, 2 / side)
        grid = _grid(side)
        for _step in range(_STEPS):
            seen, inside = _shifted(centred, fitted)
            if inside.mean() < _LEAST:
                break
            gx, gy = _shifted(slope_x, fitted)[0], _shifted(slope_y, fitted)[0]
            xs, ys = np.broadcast_to(grid, seen.shape), np.broadcast_to(grid[:, None], seen.shape)
            by = np.stack([gx * xs, gx, gy * ys, gy, seen, np.ones_like(seen)], axis=-1)[inside]
            gap = target[inside] - seen[inside]
            change = np.linalg.lstsq(by, gap, rcond=None)[0][:4]
            fitted = fitted + np.clip(change, -0.1, 0.1)
            if np.abs(change).max() < 0.2 / side:
                break
    return fitted


def _left(a: Grey, b: Grey, fitted: NDArray[np.float64]) -> float:
    """Return what is left in the worst blocks once ``a`` is laid over ``b``."""
    seen, inside = _shifted(a, fitted)
    if inside.mean() < _LEAST:
        return np.inf
    values = seen[inside]
    order = np.empty(values.size)
    order[np.argsort(values, kind="stable")] = np.sort(b[inside])
    even = np.zeros_like(b)
    even[inside] = order
    contrast = max(float(b[inside].std()), _FLAT)
    gap = np.where(inside, even - b, 0.0)
    # the mean of 2 x 2: finer detail is not where it was once a picture was scaled
    gap = _shrunk(gap, SIDE // 2).repeat(2, 0).repeat(2, 1) ** 2
    n = SIDE // _BLOCK
    held = inside.reshape(n, _BLOCK, n, _BLOCK).sum(axis=(1, 3))
    whole = gap.reshape(n, _BLOCK, n, _BLOCK).sum(axis=(1, 3))
    blocks = np.sqrt(whole / np.maximum(held, 1))[held > _BLOCK**2 // 2] / contrast
    return float(np.sort(blocks)[-_WORST:].mean())


def _grid(side: int) -> NDArray[np.float64]:
    return (np.arange(side) + 0.5) / side * 2 - 1


def _shrunk(grey: Grey, side: int) -> Grey:
    n = SIDE // side
    return grey.reshape(side, n, side, n).mean(axis=(1, 3))


def _shifted(grey: Grey, fitted: NDArray[np.float64]) -> tuple[Grey, NDArray[np.bool_]]:
    """Return a picture scaled and shifted, and where it has something to show."""
    side = grey.shape[0]
    grid = _grid(side)
    x = (fitted[0] * grid + fitted[1] + 1) / 2 * side - 0.5
    y = (fitted[2] * grid + fitted[3] + 1) / 2 * side - 0.5
    edge = 0.5
    in_x, in_y = (x >= -edge) & (x <= side - 1 + edge), (y >= -edge) & (y <= side - 1 + edge)
    x, y = np.clip(x, 0, side - 1), np.clip(y, 0, side - 1)
    x0, y0 = np.minimum(x.astype(int), side - 2), np.minimum(y.astype(int), side - 2)
    fx, fy = x - x0, (y - y0)[:, None]
    rows = grey[y0] * (1 - fy) + grey[y0 + 1] * fy
    return rows[:, x0] * (1 - fx) + rows[:, x0 + 1] * fx, in_y[:, None] & in_x
