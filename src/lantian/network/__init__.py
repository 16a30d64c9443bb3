"""One network's air, judged and kept ready: what pages, reports and interfaces read.

It knows nothing of the web. ``Network(home)`` answers questions about the air of one home; every
answer is kept until something it stands on changes.
"""

from lantian.network.air import Network
from lantian.network.ranking import Ranking
from lantian.network.recent import Recent

__all__ = ["Network", "Ranking", "Recent"]
