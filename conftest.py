"""Where an engine is not installed, the examples and tests of the bridge into it are passed over; see `make engines`."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["collect_ignore_glob"]

PACKAGES = {
    "backtesting": "backtesting",
    "backtrader": "backtrader",
    "csp": "csp",
    "nautilus": "nautilus_trader",
    "vectorbt": "vectorbt",
    "zipline": "zipline",
}
"""What each engine of `tests/engines` is imported as."""

collect_ignore_glob = [
    pattern
    for name, package in PACKAGES.items()
    if find_spec(package) is None
    for pattern in (f"ordinis_rx/bridges/{name}*", f"tests/engines/{name}/*")
]
