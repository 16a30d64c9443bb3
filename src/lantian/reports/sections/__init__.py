"""One module per chapter of a report: :class:`ReportData` in, :class:`Section` out."""
