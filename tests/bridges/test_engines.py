"""The bridges into engines, where no engine is: what is said, and what they share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ordinis_rx.bridges.engines import engine, facts_of
from ordinis_rx.errors import MissingExtra
from ordinis_rx.frames import TradeFrame
from ordinis_rx.testing import a_trade

TRADES = [a_trade(n, seq=n) for n in range(1, 6)]


def test_a_missing_engine_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "csp", None)

    with pytest.raises(
        MissingExtra, match="the bridge into csp needs csp: pip install csp"
    ) as told:
        engine("csp")

    assert isinstance(told.value.__cause__, ModuleNotFoundError)


def test_an_engine_that_lacks_something_itself_says_so_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "an_engine.py").write_text("import what_it_needs")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="what_it_needs") as told:
        engine("an_engine")

    assert not isinstance(told.value, MissingExtra)


def test_a_part_of_an_engine_is_asked_for_by_its_own_name() -> None:
    assert engine("json", "json.decoder").__name__ == "json.decoder"


def test_facts_come_out_of_a_frame_of_frames_and_of_lists_alike() -> None:
    whole = TradeFrame.from_events(TRADES)

    for told in (TRADES, whole, [whole[:2], whole[2:]], [*TRADES[:2], whole[2:]], iter(TRADES)):
        assert list(facts_of(told)) == TRADES
