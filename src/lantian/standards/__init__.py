"""GB 3095, HJ 633, HJ 663 and GB/T 8170: data files by edition and the rules that read them."""

from collections.abc import Mapping
from types import MappingProxyType

from lantian.standards.categories import (
    CATEGORIES,
    Category,
    category,
    category_expr,
    sensitive_groups,
)
from lantian.standards.editions import EDITIONS, Edition, edition, edition_expr, edition_of
from lantian.standards.indices import (
    breakpoints,
    daily_uses_o3_1h,
    iaqi,
    incomplete_above,
)
from lantian.standards.limits import limit
from lantian.standards.rounding import round_expr, round_half_even
from lantian.standards.settings import CHOICES, Choice, Settings
from lantian.standards.statistics import (
    DIGITS,
    MEAN_IS_ITEM,
    METHODS,
    PERCENTILE,
    VALIDITY,
    Method,
    Validity,
    method,
)

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
LABELS: Mapping[str, str] = MappingProxyType(
    dict(zip(POLLUTANTS, ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3"), strict=True))
)
"""How each pollutant is written in plain text."""

__all__ = [
    "CATEGORIES", "CHOICES", "DIGITS", "EDITIONS", "LABELS", "MEAN_IS_ITEM", "METHODS",
    "PERCENTILE", "POLLUTANTS", "VALIDITY", "Category", "Choice", "Edition", "Method", "Settings",
    "Validity", "breakpoints", "category", "category_expr", "daily_uses_o3_1h", "edition",
    "edition_expr", "edition_of", "iaqi", "incomplete_above", "limit", "method", "round_expr",
    "round_half_even", "sensitive_groups",
]  # fmt: skip
