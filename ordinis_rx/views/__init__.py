"""To look at: what a pipeline is made of, what goes through it, and live charts, tables and pages of it."""

from __future__ import annotations

from ordinis_rx.views.explain import Explanation, explain
from ordinis_rx.views.widgets import chart, table

__all__ = ["Explanation", "chart", "explain", "table"]
