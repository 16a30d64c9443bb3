"""Reports: a period of a network judged, drawn and written as HTML or PDF.

``collect`` judges, ``html`` and ``pdf`` draw in the language in force, ``write`` makes a file, and
``ReportData.tables`` gives every table behind the report for export.
"""

from lantian.reports.collect import collect
from lantian.reports.data import ReportData
from lantian.reports.write import html, pdf, write

__all__ = ["ReportData", "collect", "html", "pdf", "write"]
