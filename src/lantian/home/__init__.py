"""The folder of one installation: made, opened, saved, brought back, upgraded, examined.

``backup``, ``restore``, ``upgrade`` and ``doctor`` are modules of their own.
"""

from lantian.home.layout import Home, locate
from lantian.home.settings_file import HomeSettings

__all__ = ["Home", "HomeSettings", "locate"]
