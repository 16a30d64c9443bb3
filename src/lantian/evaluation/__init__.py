"""From hourly values to AQI, statistics, compliance, ranking and roses.

Usable on its own: ``import lantian.evaluation as ev``. Everything takes and returns Polars frames.
"""

from lantian.evaluation.change import year_on_year
from lantian.evaluation.city import city
from lantian.evaluation.composite import composite_index, single_indices
from lantian.evaluation.daily import daily
from lantian.evaluation.dust import deduct_dust
from lantian.evaluation.hourly import hourly
from lantian.evaluation.judge import judge
from lantian.evaluation.partitions import daily_from_store, hourly_from_store, local_days
from lantian.evaluation.period import percentile_column, period
from lantian.evaluation.periods import Span, any_span, days_needed, span
from lantian.evaluation.rank import published_digits, rank
from lantian.evaluation.realtime import realtime
from lantian.evaluation.reasons import explain, thin_months
from lantian.evaluation.summary import exceedance_multiple, percentile, ratio_percent

__all__ = [
    "Span", "any_span", "city", "composite_index", "daily", "daily_from_store", "days_needed",
    "deduct_dust", "exceedance_multiple", "explain", "hourly", "hourly_from_store", "judge",
    "local_days", "percentile", "percentile_column", "period", "published_digits", "rank",
    "ratio_percent", "realtime", "single_indices", "span", "thin_months", "year_on_year",
]  # fmt: skip
