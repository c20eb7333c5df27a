"""The bridge into nautilus_trader without nautilus_trader; with it, see tests/engines/nautilus."""

from __future__ import annotations

import sys

import pytest

from ordinis_rx.bridges.nautilus import (
    NautilusTicks,
    bar_type,
    data_client_factory,
    to_nautilus,
)
from ordinis_rx.errors import MissingExtra
from ordinis_rx.stream import from_events
from ordinis_rx.timebase import MINUTE


def test_without_nautilus_trader_each_call_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nautilus_trader", None)

    for call in (
        lambda: to_nautilus([], {}),
        lambda: NautilusTicks({}),
        lambda: bar_type("A.X", MINUTE),
        lambda: data_client_factory(from_events([]), {}),
    ):
        with pytest.raises(MissingExtra, match="pip install nautilus_trader"):
            call()


def test_an_interval_that_has_no_name_is_refused_by_its_value() -> None:
    with pytest.raises(ValueError, match="whole milliseconds, got an interval of 1500 ns"):
        bar_type("A.X", 1500)
