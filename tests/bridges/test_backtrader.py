"""The bridge into backtrader without backtrader; with it, see tests/engines/backtrader."""

from __future__ import annotations

import sys

import pytest

from ordinis_rx.bridges.backtrader import to_feed, to_live_feed
from ordinis_rx.errors import MissingExtra
from ordinis_rx.stream import from_events
from ordinis_rx.timebase import MINUTE


def test_without_backtrader_each_call_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "backtrader", None)

    with pytest.raises(MissingExtra, match="pip install backtrader"):
        to_feed([], "A", MINUTE)
    with pytest.raises(MissingExtra, match="pip install backtrader"):
        to_live_feed(from_events([]), "A", MINUTE)
