"""Working time in China: which days are worked, when the office works, and when a limit ends."""

from lantian.workdays.calendar import UNITS, Calendar, Due, Unit
from lantian.workdays.days import Days, published
from lantian.workdays.hours import OfficeHours
from lantian.workdays.office_file import load

__all__ = [
    "UNITS",
    "Calendar",
    "Days",
    "Due",
    "OfficeHours",
    "Unit",
    "load",
    "published",
]
