"""A market of our own, its faults, and servers that speak as the vendors do. Needs no key and no network."""

from ordinis_rx.sim.market import Market, market

__all__ = ["Market", "market"]
