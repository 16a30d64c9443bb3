"""From hourly values to AQI, statistics, compliance, ranking and roses.

Usable on its own: ``import lantian.evaluation as ev``. Everything takes and returns Polars frames.
"""

from lantian.evaluation.accumulated import accumulated_mean
from lantian.evaluation.averages import time_average
from lantian.evaluation.change import year_on_year
from lantian.evaluation.city import city
from lantian.evaluation.composite import composite_index, single_indices
from lantian.evaluation.daily import daily
from lantian.evaluation.dust import deduct_dust
from lantian.evaluation.hourly import hourly
from lantian.evaluation.judge import judge
from lantian.evaluation.partitions import (
    daily_from_store,
    day_bounds,
    hourly_from_store,
    local_days,
)
from lantian.evaluation.patterns import diurnal, pattern, seasonal, weekly
from lantian.evaluation.period import composite_anew, judged_anew, percentile_column, period
from lantian.evaluation.periods import Span, any_span, days_needed, so_far, span
from lantian.evaluation.polar import percentile_rose, polar_frequency
from lantian.evaluation.publication import withheld_expr
from lantian.evaluation.rank import published_digits, rank
from lantian.evaluation.rank_trends import mann_kendall, spearman
from lantian.evaluation.realtime import realtime
from lantian.evaluation.reasons import explain, thin_months
from lantian.evaluation.rolling import rolling_mean
from lantian.evaluation.roses import Rose, pollution_rose, wind_rose
from lantian.evaluation.summary import exceedance_multiple, percentile, ratio_percent
from lantian.evaluation.trends import deseasonalise, theil_sen

__all__ = [
    "Rose", "Span", "accumulated_mean", "any_span", "city", "composite_anew", "composite_index",
    "daily", "daily_from_store", "day_bounds", "days_needed", "deduct_dust", "deseasonalise",
    "diurnal",
    "exceedance_multiple", "explain", "hourly", "hourly_from_store", "judge", "judged_anew",
    "local_days", "mann_kendall", "pattern", "percentile", "percentile_column",
    "percentile_rose", "period", "polar_frequency", "pollution_rose", "published_digits",
    "rank", "ratio_percent", "realtime", "rolling_mean", "seasonal", "single_indices", "so_far",
    "span", "spearman", "theil_sen", "thin_months", "time_average", "weekly", "wind_rose",
    "withheld_expr", "year_on_year",
]  # fmt: skip
