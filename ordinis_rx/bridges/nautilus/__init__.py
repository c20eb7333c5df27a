"""A bridge into nautilus_trader: facts as its ticks and bars, and a stream as a data client of its live node.

nautilus_trader is no dependency of ours: ``pip install nautilus_trader``. It is loaded by the first call.
"""

from ordinis_rx.bridges.nautilus.live import data_client_factory
from ordinis_rx.bridges.nautilus.ticks import NautilusTicks, bar_type, to_nautilus

__all__ = ["NautilusTicks", "bar_type", "data_client_factory", "to_nautilus"]
