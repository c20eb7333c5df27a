from __future__ import annotations

import io
import json
import math
from typing import Any

from rich.console import Console

from ordinis_rx.commands.quote_view import Told, json_line, view
from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus, Reject
from ordinis_rx.pull.failures import NoAnswer, NoQuotes
from ordinis_rx.pull.results import ProviderResult, Round
from ordinis_rx.testing.factories import a_quote, a_trade
from ordinis_rx.timebase import MILLI

NOW = 1000 * MILLI


def _round(**fields: Any) -> Round:
    quote: dict[str, Any] = {
        "symbol": "AAPL",
        "ts_event": NOW,
        "price": 100.0,
        "half_width": 0.01,
        "confidence": 0.87,
        "status": ConsensusStatus.DEGRADED,
        "bid": 99.99,
        "ask": 100.01,
        "providers_used": ("a", "b"),
        "outliers_excluded": ("c",),
    }
    return Round(
        AggregatedQuote(**{**quote, **fields}),
        (
            ProviderResult("a", a_quote(99.99, 100.01, at=NOW - 7 * MILLI), 12.34, NOW),
            ProviderResult("b", a_trade(100.0, at=NOW), 1.0, NOW),
            ProviderResult("c", {"price": 1.0}, 1.0, NOW),
            ProviderResult("d", a_trade(0.0, at=NOW), 1.0, NOW),
            ProviderResult("e", None, 5.0, NOW, False, NoAnswer("e", "HTTP 500\x1b[2J")),
        ),
        ("f",),
        (Reject(symbol="AAPL", ts_event=NOW, provider="d", reason="not-positive", value=0.0),),
    )


def _shown(*told: Told) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(view(told))
    return console.export_text()


def _line(text: str, *starts: str) -> str:
    (line,) = [
        line
        for line in text.splitlines()
        if [cell.strip() for cell in line.split("│")[1 : 1 + len(starts)]] == list(starts)
    ]
    return line


def test_the_price_its_interval_and_who_made_it() -> None:
    shown = _shown(Told("AAPL", _round(), truth=99.995))

    line = _line(shown, "AAPL", "100.000")
    for cell in ("± 0.010", "0.87", "DEGRADED", "99.99", "100.01", "2 of 3: a, b; c excl", "0.50"):
        assert cell in line


def test_every_provider_and_what_became_of_its_answer() -> None:
    shown = _shown(Told("AAPL", _round()))

    assert "true price" not in shown
    assert [cell in _line(shown, "AAPL", "a") for cell in ("99.990", "12.3", " 7 ")] == [True] * 3
    assert "outlier" in _line(shown, "AAPL", "c")
    assert "not-positive" in _line(shown, "AAPL", "d")
    assert "e did not answer: HTTP 500?[2J" in _line(shown, "AAPL", "e")
    assert "not waited for" in _line(shown, "AAPL", "f")


def test_no_price_is_told_with_its_causes() -> None:
    error = NoQuotes("No successful quotes for AAPL", {"a": NoAnswer("a", "HTTP 500")})
    shown = _shown(Told("AAPL", error))

    assert "NO PRICE" in _line(shown, "AAPL", "-")
    assert "a did not answer: HTTP 500" in _line(shown, "AAPL", "a")


def test_a_quote_without_a_price_shows_no_interval() -> None:
    told = Told(
        "AAPL", _round(price=math.nan, half_width=math.nan, status=ConsensusStatus.NO_QUORUM)
    )

    assert not told.has_price
    line = _line(_shown(told), "AAPL", "-", "-")
    assert "NO_QUORUM" in line
    assert "±" not in line


def test_a_line_of_json_has_all_of_it() -> None:
    line = json.loads(json_line(Told("AAPL", _round(half_width=math.nan), truth=99.995)))

    assert (line["symbol"], line["has_price"], line["true_price"]) == ("AAPL", True, 99.995)
    assert line["quote"]["price"] == 100.0
    assert line["quote"]["half_width"] is None
    assert line["answers"][0]["data"]["bid"] == 99.99
    assert line["answers"][4]["error"].startswith("e did not answer")
    assert line["unheard"] == ["f"]


def test_a_line_of_json_without_a_price_has_the_causes() -> None:
    error = NoQuotes("No successful quotes for AAPL", {"a": NoAnswer("a", "HTTP 500")})

    assert json.loads(json_line(Told("AAPL", error))) == {
        "symbol": "AAPL",
        "has_price": False,
        "error": "No successful quotes for AAPL",
        "causes": {"a": "a did not answer: HTTP 500"},
    }
