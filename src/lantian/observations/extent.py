"""The least and the greatest value of a column; Polars knows them only as values of any type."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

T = TypeVar("T")


def extent(column: pl.Series, kind: type[T]) -> tuple[T, T]:
    """Return the least and the greatest value of a column that holds some.

    Parameters
    ----------
    column
        Null values do not count.
    kind
        The Python type of its values, such as ``datetime``.

    Raises
    ------
    ValueError
        There is no value in it, or they are of another type.
    """
    least, greatest = column.min(), column.max()
    if not (isinstance(least, kind) and isinstance(greatest, kind)):
        raise ValueError(f"the column {column.name!r} holds no {kind.__name__}")
    return least, greatest
