from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
import reactivex
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.events import Bar, Event, Heartbeat, Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.sim import Faults, market
from ordinis_rx.sim.faults import bias, delay, drop, duplicate, freeze, reorder, spike
from ordinis_rx.timebase import MILLI, SECOND
from ordinis_rx.typing import Operator

SENT = list(market(["AAPL", "MSFT"], seed=3, duration=10 * SECOND, bars=SECOND).events())

NEAR = [
    Trade(symbol="A", ts_event=t, ts_recv=t, provider="p", seq=t, price=100.0 + t, size=1.0)
    for t in range(1, 9)
]


def _through(operator: Operator[Event, Event], events: Sequence[Event]) -> list[Event]:
    told: list[Event] = []
    reactivex.from_iterable(events).pipe(operator).subscribe(told.append)
    return told


def _bare(events: Sequence[Event]) -> Counter[Event]:
    """As a multiset, without what faults of arrival may change."""
    return Counter(replace(event, seq=0, ts_recv=0) for event in events)


def test_each_subscription_meets_the_same_faults() -> None:
    for operator in (drop(0.2), duplicate(0.2), delay(0.2, SECOND), reorder(0.2), spike(0.2, 50)):
        assert _through(operator, SENT) == _through(operator, SENT) != SENT


def test_two_faults_with_one_seed_strike_different_facts() -> None:
    lost = {e.seq for e in SENT} - {e.seq for e in _through(drop(0.2), SENT)}
    spiked = {
        told.seq
        for sent, told in zip(SENT, _through(spike(0.2, 9), SENT), strict=True)
        if sent != told
    }

    assert 0.02 < len(lost & spiked) / len(SENT) < 0.07


def test_another_seed_strikes_others() -> None:
    assert _through(drop(0.2, seed=1), SENT) != _through(drop(0.2, seed=2), SENT)


def test_drop_loses_exactly_what_it_counts() -> None:
    tally = Faults()
    told = _through(drop(0.2, tally=tally), SENT)

    assert len(SENT) == len(told) + tally.dropped
    assert tally.dropped / len(SENT) == pytest.approx(0.2, abs=0.04)
    assert set(told) < set(SENT)
    assert tally == Faults(dropped=tally.dropped)


def test_duplicate_tells_again_exactly_what_it_counts() -> None:
    tally = Faults()
    told = _through(duplicate(0.2, tally=tally), SENT)

    assert len(told) == len(SENT) + tally.duplicated
    assert 0 < tally.duplicated == sum((_bare(told) - _bare(SENT)).values())
    assert [e.seq for e in told] == list(range(1, len(told) + 1))


def test_delayed_facts_come_before_the_first_that_arrives_after_them() -> None:
    tally = Faults()
    told = _through(delay(0.5, 3, seed=4, tally=tally), NEAR)

    assert _bare(told) == _bare(NEAR)
    assert [e.ts_recv for e in told] == sorted(e.ts_recv for e in told)
    assert tally.delayed == sum(e.ts_recv == e.ts_event + 3 for e in told) > 1
    assert all(e.ts_recv - e.ts_event in (0, 3) for e in told)
    assert [e.seq for e in told] == list(range(1, 9))


def test_reordered_facts_are_overtaken_by_at_most_depth_others() -> None:
    tally = Faults()
    told = _through(reorder(0.4, 2, seed=5, tally=tally), NEAR)
    stamps = [e.ts_event for e in told]

    assert sorted(stamps) == list(range(1, 9)) != stamps
    assert all(at - stamp <= 2 for at, stamp in enumerate(stamps, start=1))
    assert [e.seq for e in told] == list(range(1, 9))
    assert 0 < tally.reordered < 8


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 50).map(lambda t: replace(NEAR[0], ts_event=t, ts_recv=t))).map(
        lambda events: [
            replace(e, seq=n) for n, e in enumerate(sorted(events, key=lambda e: e.ts_recv), 7)
        ]
    ),
    st.floats(0, 1),
    st.integers(1, 9),
    st.integers(0, 1000),
)
def test_faults_of_arrival_neither_lose_nor_invent(
    events: list[Event], share: float, span: int, seed: int
) -> None:
    for make in (delay, reorder):
        tally = Faults()
        told = _through(make(share, span, seed=seed, tally=tally), events)

        assert _bare(told) == _bare(events)
        assert [e.seq for e in told] == [e.seq for e in events]
        assert tally.dropped == 0


def test_what_an_error_keeps_from_arriving_counts_as_dropped() -> None:
    for operator in (delay(1, SECOND, tally=(a := Faults())), reorder(1, 9, tally=(b := Faults()))):
        source: Subject[Event] = Subject()
        told: list[Event] = []
        errors: list[Exception] = []
        source.pipe(operator).subscribe(told.append, errors.append)
        for event in NEAR[:4]:
            source.on_next(event)
        source.on_error(RuntimeError("cable cut"))

        assert [str(e) for e in errors] == ["cable cut"]
        tally = a if not b.dropped else b
        assert len(told) + tally.dropped == 4


def test_spikes_move_exactly_the_prices_they_count() -> None:
    tally = Faults()
    told = _through(spike(0.1, 100, tally=tally), SENT)
    moved = [(a, b) for a, b in zip(SENT, told, strict=True) if a != b]

    assert len(moved) == tally.spiked > 50
    ratios = {
        round((b.price / a.price if isinstance(a, Trade) else b.mid / a.mid), 9)  # type: ignore[union-attr]
        for a, b in moved
        if not isinstance(a, Bar)
    }
    assert ratios == {0.99, 1.01}


def test_bias_moves_every_price_alike() -> None:
    tally = Faults()
    told = _through(bias(-20, tally=tally), SENT)

    assert tally.biased == len(SENT)
    for sent, moved in zip(SENT, told, strict=True):
        match sent, moved:
            case Trade(), Trade():
                assert moved.price == pytest.approx(sent.price * 0.998)
            case Quote(), Quote():
                assert moved.bid == pytest.approx(sent.bid * 0.998)
                assert moved.ask == pytest.approx(sent.ask * 0.998)
            case Bar(), Bar():
                names = ("open", "high", "low", "close", "vwap")
                for name in names:
                    assert getattr(moved, name) == pytest.approx(getattr(sent, name) * 0.998)
                assert moved.volume == sent.volume


def test_a_frozen_symbol_repeats_its_last_prices_while_the_others_move() -> None:
    tally = Faults()
    begin, end = SENT[0].ts_event + 3 * SECOND, SENT[0].ts_event + 6 * SECOND
    told = _through(freeze("AAPL", begin, end, tally=tally), SENT)
    inside = [
        (a, b)
        for a, b in zip(SENT, told, strict=True)
        if a.symbol == "AAPL" and begin <= a.ts_event < end
    ]

    assert len(inside) == tally.frozen
    assert len({(b.bid, b.ask) for _, b in inside if isinstance(b, Quote)}) == 1
    assert len({b.price for _, b in inside if isinstance(b, Trade)}) == 1
    assert {b.range for _, b in inside if isinstance(b, Bar)} == {0}
    assert all(
        (a.ts_event, a.seq, getattr(a, "size", 0)) == (b.ts_event, b.seq, getattr(b, "size", 0))
        for a, b in inside
    )
    untouched = [
        n for n, a in enumerate(SENT) if a.symbol != "AAPL" or not begin <= a.ts_event < end
    ]
    assert [told[n] for n in untouched] == [SENT[n] for n in untouched]


def test_a_freeze_without_a_past_holds_the_first_price_inside() -> None:
    tally = Faults()
    told = _through(freeze("A", 0, 100, tally=tally), NEAR)

    assert [e.price for e in told if isinstance(e, Trade)] == [101.0] * 8
    assert tally.frozen == 7


def test_a_freeze_of_times_too_tells_the_last_facts_again_and_again() -> None:
    told = _through(freeze("A", 0, 100, times=True), NEAR)
    trades = [e for e in told if isinstance(e, Trade)]

    assert {e.ts_event for e in trades} == {trades[0].ts_event}
    assert [e.ts_recv for e in trades] == [e.ts_recv for e in NEAR if isinstance(e, Trade)]


def test_facts_that_are_no_market_data_pass_untouched() -> None:
    others: list[Event] = [
        StatusChange(ts_event=1, seq=1, status=StreamStatus.CONNECTED),
        Heartbeat(ts_event=2, seq=2),
    ]
    tally = Faults()
    for operator in (
        drop(1, tally=tally),
        duplicate(1, tally=tally),
        delay(1, 5, tally=tally),
        reorder(1, tally=tally),
        spike(1, 5, tally=tally),
        bias(5, tally=tally),
        freeze("", 0, 9, tally=tally),
    ):
        assert _through(operator, others) == others
    assert tally == Faults()


def test_a_tally_counts_over_faults_and_subscriptions() -> None:
    tally = Faults()
    operator = drop(0.5, tally=tally)
    lost = 2 * len(NEAR) - len(_through(operator, NEAR)) - len(_through(operator, NEAR))

    assert tally.dropped == lost > 0


def test_take_reaches_through_a_fault_to_the_source() -> None:
    seen: list[Event] = []
    endless = market(["AAPL"], duration=None)
    endless.pipe(delay(0.5, 20 * MILLI), duplicate(0.5), ops.take(3)).subscribe(seen.append)

    assert [e.seq for e in seen] == [1, 2, 3]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: drop(-0.1), "drop: share must be a share between 0 and 1, got -0.1"),
        (lambda: duplicate(2), "duplicate: share must be a share between 0 and 1, got 2"),
        (lambda: spike(float("nan"), 1), "spike: share must be a share between 0 and 1, got nan"),
        (lambda: delay(0.1, -5), "delay: by must be 0 or more nanoseconds, .* got -5"),
        (lambda: reorder(0.1, 0), "reorder: depth must be 1 or more facts, got 0"),
        (lambda: freeze("A", 5, 5), "freeze: ts_to must be after ts_from, got 5 to 5"),
    ],
)
def test_arguments_are_refused_before_subscription(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()


def test_a_delay_that_is_not_whole_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match=r"delay: by must be a whole .*, got 1\.5"):
        delay(0.5, 1.5)  # type: ignore[arg-type]
