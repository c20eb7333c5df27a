"""A local page that shows providers, their consensus and its candles, live."""

from __future__ import annotations

from ordinis_rx.views.dashboard.listening import listen
from ordinis_rx.views.dashboard.server import Dashboard, serve_dashboard
from ordinis_rx.views.dashboard.state import State

__all__ = ["Dashboard", "State", "listen", "serve_dashboard"]
