"""Which step feeds which."""

from __future__ import annotations

from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.operators.rolling import rolling_mean
from ordinis_rx.testing import a_trade
from ordinis_rx.views.graph import graph_of

TRADES = ox.from_events([a_trade(1.0)])


def labels(*ends: object) -> list[str]:
    return [node.label.partition("(")[0] for node in graph_of(ends)]  # type: ignore[arg-type]


def test_a_chain_is_told_from_its_source_to_its_end() -> None:
    assert labels(TRADES.pipe(oo.trades(), oo.rolling_mean(2))) == [
        "from_events",
        "trades",
        "rolling_mean",
    ]


def test_plain_rx_operators_in_a_row_are_one_opaque_step_with_their_names() -> None:
    nodes = graph_of([TRADES.pipe(ops.filter(bool), ops.map(lambda fact: fact), oo.trades())])
    assert [(node.label, node.opaque) for node in nodes[1:]] == [
        ("Rx: filter, map", True),
        ("trades()", False),
    ]


def test_streams_that_plain_rx_joins_are_found() -> None:
    shared = TRADES.pipe(ox.share())
    joined = shared.pipe(oo.trades(), ops.with_latest_from(shared.pipe(oo.rolling_mean(2))))
    nodes = {node.label: node for node in graph_of([joined])}
    assert {source.label for source in nodes["Rx: with_latest_from"].sources} == {
        "trades()",
        "rolling_mean(2)",
    }


def test_a_shared_step_appears_once() -> None:
    shared = TRADES.pipe(ox.share())
    assert labels(shared.pipe(oo.trades()), shared.pipe(oo.quotes())).count("share") == 1


def test_a_step_that_nobody_named_is_called_after_who_made_it() -> None:
    assert labels(TRADES.pipe(rolling_mean(2))) == ["from_events", "staged"]


def test_a_feed_speaks_for_itself_and_shows_no_key() -> None:
    (node,) = graph_of([ox.feed(ox.finnhub("canary-token"), ["AAPL"])])
    assert node.label == "<Feed finnhub DISCONNECTED 1 symbols>"
