"""To look at: what a pipeline is made of, and what goes through it."""

from __future__ import annotations

from ordinis_rx.views.explain import Explanation, explain

__all__ = ["Explanation", "explain"]
