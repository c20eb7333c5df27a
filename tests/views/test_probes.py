"""Counters between the steps of a pipeline."""

from __future__ import annotations

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.testing import a_quote, a_trade
from ordinis_rx.views.graph import graph_of
from ordinis_rx.views.probes import Probes

STORY = [a_trade(1.0), a_quote(1.0, 2.0), a_trade(2.0), a_trade(3.0)]


def test_what_goes_in_and_out_is_counted_by_kind_and_for_each_subscriber() -> None:
    means = ox.from_events(STORY).pipe(oo.trades(), oo.rolling_mean(2))
    root, trades, mean = graph_of([means])
    probes = Probes([root, trades, mean])
    means.subscribe(lambda _: None)
    assert probes.out_of(root).kinds == {"Trade": 3, "Quote": 1}
    assert probes.into(mean).kinds == {"Trade": 3}
    assert probes.out_of(mean).events == 2
    means.subscribe(lambda _: None)
    assert probes.out_of(mean).events == 4


def test_only_a_steps_own_time_is_its_own() -> None:
    shared = ox.from_events(STORY).pipe(ox.share())
    nodes = graph_of([shared.pipe(oo.trades()), shared.pipe(oo.quotes())])
    probes = Probes(nodes)
    for node in nodes[2:]:
        node.stream.subscribe(lambda _: None)
    for node in nodes[1:]:
        assert 0 < probes.into(node).ns < 10**9


def test_counting_ends_for_those_who_come_later() -> None:
    trades = ox.from_events(STORY).pipe(oo.trades())
    nodes = graph_of([trades])
    probes = Probes(nodes)
    probes.remove()
    heard: list[object] = []
    trades.subscribe(heard.append)
    assert len(heard) == 3
    assert probes.out_of(nodes[1]).events == 0


def test_results_are_the_same_with_and_without() -> None:
    def run(counted: bool) -> list[object]:
        shared = ox.from_events(STORY).pipe(ox.share())
        joined = shared.pipe(oo.trades(), oo.with_latest(shared.pipe(oo.quotes(), oo.mid())))
        heard: list[object] = []
        if counted:
            Probes(graph_of([joined]))
        joined.subscribe(heard.append)
        return heard

    assert run(counted=True) == run(counted=False) != []
