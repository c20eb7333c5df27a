"""To look at: what a pipeline is made of, what goes through it, live charts, tables and pages of it, and metrics."""

from __future__ import annotations

from ordinis_rx.views.explain import Explanation, explain
from ordinis_rx.views.metrics import MetricsCollector
from ordinis_rx.views.metrics_server import serve_metrics
from ordinis_rx.views.widgets import chart, table

__all__ = ["Explanation", "MetricsCollector", "chart", "explain", "serve_metrics", "table"]
