from __future__ import annotations

import math

import pytest
from reactivex import operators as ops

from ordinis_rx import sim
from ordinis_rx.errors import WrongKind
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.operators import rsi
from ordinis_rx.sim.market import START
from ordinis_rx.timebase import MILLI, MINUTE, SECOND


def _facts(prices: sim.Market) -> list[Event]:
    told: list[Event] = []
    prices.subscribe(told.append)
    return told


def test_subscribing_twice_tells_the_same_story_twice() -> None:
    prices = sim.market(["AAPL", "MSFT"], seed=7, duration=10 * SECOND, bars=1 * SECOND)

    assert _facts(prices) == _facts(prices) == list(prices.events())
    assert len(_facts(prices)) > 900


def test_another_seed_tells_another_story() -> None:
    stories = [_facts(sim.market(["AAPL"], seed=s, duration=SECOND)) for s in (1, 2)]

    assert stories[0][:5] != stories[1][:5]


def test_a_longer_market_begins_as_the_shorter_one() -> None:
    short, long = (_facts(sim.market(["AAPL"], duration=d * SECOND)) for d in (3, 30))

    assert short == long[: len(short)]


def test_it_begins_at_the_opening_bell_and_ends_when_told() -> None:
    told = _facts(sim.market(["AAPL"], duration=5 * SECOND))

    assert told[0].time.isoformat().startswith("2024-01-02T14:30:00")
    assert all(START <= e.ts_event < START + 5 * SECOND for e in told)
    assert all(e.ts_recv - e.ts_event >= 1 * MILLI for e in told)
    assert {e.provider for e in told} == {"sim"}


def test_take_one_sees_one_and_stops_an_endless_market() -> None:
    seen: list[Event] = []
    done: list[bool] = []

    sim.market(["AAPL"], duration=None).pipe(ops.take(1)).subscribe(
        seen.append, on_completed=lambda: done.append(True)
    )

    assert [e.seq for e in seen] == [1]
    assert done == [True]


def test_a_raising_subscriber_is_told_and_stops_an_endless_market() -> None:
    seen: list[Event] = []

    def on_next(event: Event) -> None:
        seen.append(event)
        if len(seen) == 3:
            raise KeyError("enough")

    errors: list[Exception] = []
    sim.market(["AAPL"], duration=None).subscribe(on_next, errors.append)

    assert len(seen) == 3
    assert [type(e) for e in errors] == [KeyError]


def test_the_true_price_lies_between_bid_and_ask() -> None:
    prices = sim.market(["AAPL", "MSFT"], seed=2, duration=5 * SECOND)
    quotes = [e for e in prices.events() if isinstance(e, Quote)]

    assert len(quotes) > 100
    assert all(q.bid <= prices.truth(q.symbol, q.ts_event) <= q.ask for q in quotes)


def test_the_rate_does_not_change_the_truth() -> None:
    busy, quiet = (sim.market(["AAPL"], seed=2, rate=r) for r in (1000, 1))

    assert busy.truth("AAPL", START + MINUTE) == quiet.truth("AAPL", START + MINUTE)


def test_a_provider_sees_the_same_market_with_its_own_delay_errors_and_omissions() -> None:
    prices = sim.market(["AAPL"], seed=6, duration=20 * SECOND)
    view = prices.seen_by("slow", seed=1, latency=80 * MILLI, noise_bps=5, drop=0.25)
    honest = {e.ts_event: e for e in prices.events() if isinstance(e, Quote)}
    seen = [e for e in view.events() if isinstance(e, Quote)]
    errors = [q.mid / honest[q.ts_event].mid - 1 for q in seen]

    assert {q.provider for q in seen} == {"slow"}
    assert pytest.approx(len(seen) / len(honest), abs=0.05) == 0.75
    assert {q.ts_recv - honest[q.ts_event].ts_recv for q in seen} == {80 * MILLI}
    assert pytest.approx(math.sqrt(sum(e * e for e in errors) / len(errors)), rel=0.15) == 5e-4
    assert {round(q.spread - honest[q.ts_event].spread, 9) for q in seen} == {0.0}
    assert view.truth("AAPL", START + SECOND) == prices.truth("AAPL", START + SECOND)


def test_views_with_different_seeds_err_differently_and_each_repeats_itself() -> None:
    prices = sim.market(["AAPL"], seed=6, duration=5 * SECOND)
    first, second = (prices.seen_by("x", seed=s, noise_bps=3) for s in (1, 2))

    assert list(first.events()) == list(first.events())
    assert list(first.events()) != list(second.events())


def test_a_view_makes_its_bars_of_the_trades_it_tells() -> None:
    prices = sim.market(["AAPL"], seed=6, duration=5 * SECOND, bars=SECOND)
    view = prices.seen_by("lossy", drop=0.5)

    counts = [
        sum(e.trade_count for e in source.events() if isinstance(e, Bar))
        for source in (prices, view)
    ]

    assert 0.3 * counts[0] < counts[1] < 0.7 * counts[0]


def test_however_large_its_errors_a_view_tells_no_price_of_zero() -> None:
    prices = sim.market(["AAPL"], seed=6, duration=2 * SECOND, prices={"AAPL": 0.5})
    told = list(prices.seen_by("wild", noise_bps=50_000).events())

    assert min(e.bid for e in told if isinstance(e, Quote)) == 0.01
    assert min(e.price for e in told if isinstance(e, Trade)) > 0
    assert not any(e.is_crossed for e in told if isinstance(e, Quote))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"symbols": []}, r"a list of different symbols, got \[\]"),
        ({"symbols": "AAPL"}, "a list of different symbols, got 'AAPL'"),
        ({"symbols": ["A", "A"]}, r"different symbols, got \['A', 'A'\]"),
        ({"rate": 0}, "rate must be a finite number above 0, got 0"),
        ({"duration": -1}, "duration must be 1 or more nanoseconds, .* got -1"),
        ({"bars": 0}, "bars must be 1 or more nanoseconds, .* got 0"),
        ({"tick_size": math.nan}, "tick_size must be a finite number above 0, got nan"),
        ({"volatility": -0.1}, "volatility must be a finite number, 0 or more, got -0.1"),
        ({"irregular": 1.5}, "irregular must be a share between 0 and 1, got 1.5"),
        ({"prices": {"A": 0.0}}, "price of A must be a finite number above 0, got 0.0"),
    ],
)
def test_arguments_are_refused_by_name_and_value(call: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sim.market(**{"symbols": ["A"], **call})  # type: ignore[arg-type]


def test_views_refuse_what_cannot_be() -> None:
    prices = sim.market(["A"])
    with pytest.raises(ValueError, match="drop must be a share between 0 and 1, got 2"):
        prices.seen_by("x", drop=2)
    with pytest.raises(ValueError, match=r"latency must be 0 or more nanoseconds, .* got -1"):
        prices.seen_by("x", latency=-1)


@pytest.mark.parametrize("name", ["start", "duration", "bars", "latency"])
def test_durations_that_are_not_whole_are_refused_with_their_value(name: str) -> None:
    with pytest.raises(TypeError, match=rf"market: {name} must be a whole .*, got 1\.5"):
        sim.market(["A"], **{name: 1.5})  # type: ignore[arg-type]


def test_an_operator_of_bars_behind_a_market_without_bars_is_refused() -> None:
    with pytest.raises(
        WrongKind, match=r"rsi\(14\) reads Bar, and what comes to it is Trade and Quote alone"
    ):
        sim.market(["AAPL"]).pipe(rsi(14))

    assert sim.market(["AAPL"], bars=SECOND).pipe(rsi(14))
