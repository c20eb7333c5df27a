"""Which symbols of those asked for a recording has nothing of."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.batches import item_of
from ordinis_rx.codes import Names
from ordinis_rx.frames import GapFrame, TradeFrame
from ordinis_rx.journal.absent import noting_absent
from ordinis_rx.testing import a_gap, a_heartbeat, a_trade


def of_facts(symbols: list[str], names: Names) -> Any:
    return item_of([a_heartbeat(), *(a_trade(symbol=symbol) for symbol in symbols)], names)


def of_columns(symbols: list[str], names: Names) -> Any:
    return TradeFrame.from_events([a_trade(symbol=symbol) for symbol in symbols], names).copy()


@pytest.mark.parametrize("of", [of_facts, of_columns])
def test_what_comes_late_is_not_absent(of: Any, caplog: pytest.LogCaptureFixture) -> None:
    names = Names()
    items = [of(["A", "B"], names), of(["C"], names)]

    assert list(noting_absent("tape", iter(items), names, ["C", "ZZ", "A"])) == items

    assert [record.getMessage() for record in caplog.records] == [
        "tape: nothing that was read is about 'ZZ'"
    ]


def test_a_gap_is_about_the_symbols_that_it_names(caplog: pytest.LogCaptureFixture) -> None:
    names, gap = Names(), a_gap(symbols=("B",))

    for item in (item_of([gap], names), GapFrame.from_events([gap], names).copy()):
        list(noting_absent("tape", [item], names, ["B"]))

    assert not caplog.records


def test_a_word_of_a_dictionary_that_no_row_has_is_absent(caplog: pytest.LogCaptureFixture) -> None:
    names = Names()
    _ = names.symbols["B"]

    list(noting_absent("tape", [of_columns(["A"], names)], names, ["B"]))

    assert "about 'B'" in caplog.text


def test_who_leaves_early_is_told_nothing(caplog: pytest.LogCaptureFixture) -> None:
    names = Names()

    next(noting_absent("tape", [of_facts(["A"], names)] * 2, names, ["B"]))

    assert not caplog.records
