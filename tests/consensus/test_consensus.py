"""The whole consensus: the kernel and the chain of its parts say the same, however the events are cut into frames."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pytest
import reactivex
from hypothesis import given, settings
from hypothesis import strategies as st
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    Folding,
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    ProviderWeight,
    Reject,
    RobustOutlier,
    ZScoreOutlier,
    changes,
    combine,
    consensus,
    panel,
    reject_outliers,
    score,
    validate,
)
from ordinis_rx.events import Event, StreamStatus, TradeFlags
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_gap, a_heartbeat, a_quote, a_status, a_trade, through
from ordinis_rx.testing.identity import difference
from ordinis_rx.testing.on_frames import same_on_frames
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND

DEFAULT = AggregationConfig()
PROVIDERS = ["a", "b", "c", "d", "e"]
RULES = [RobustOutlier(), RobustOutlier(k=3.0, confirm=1, tick_size=0.01, half_life=3.0), ZScoreOutlier(1.2),
         LeaveOneOutZ(), MadOutlier(), NoOutliers()]  # fmt: skip


def chain(config: AggregationConfig) -> Any:
    """The consensus as its parts one after the other."""
    parts = [
        validate(price=config.price, time_window=config.time_window, ignore=config.disabled),
        panel(config.max_age, max_age_by_symbol=config.max_age_by_symbol, idle=config.idle),
        reject_outliers(config.outliers, confirm=config.confirm, reliability=config.reliability),
        combine(
            config.method,
            config.weights,
            min_providers=config.min_providers,
            trimmed_mean_pct=config.trimmed_mean_pct,
            volume=config.volume,
            compat=config.compat,
        ),
        score(config.tolerance_bps, confidence=config.confidence),
    ]
    if config.emit == "change":
        parts.append(changes())
    return lambda events: events.pipe(*parts)


prices = st.one_of(
    st.floats(99.9, 100.1),
    st.sampled_from([100.0, 100.01, 100.02, 99.0, 101.0, 150.0]),
    st.sampled_from([math.nan, math.inf, 0.0, -1.0]),
)
steps = st.sampled_from(
    [0, 1, 300 * MILLI, 1 * SECOND, 3 * SECOND, 10 * SECOND, 45 * SECOND, 5 * MINUTE]
)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    told: list[Event] = []
    now = 10**18
    for _ in range(draw(st.integers(0, 40))):
        now += draw(steps)
        at = now + draw(st.sampled_from([0, 0, 0, 0, -2 * SECOND, -3 * MINUTE, 4 * MINUTE]))
        symbol, provider = draw(st.sampled_from("XY")), draw(st.sampled_from(PROVIDERS))
        came = draw(st.sampled_from([0, now]))
        match draw(st.integers(0, 11)):
            case 0:
                told.append(a_heartbeat(at=now, provider=provider))
            case 1:
                told.append(
                    a_status(draw(st.sampled_from(StreamStatus)), at=now, provider=provider)
                )
            case 2:
                symbols = draw(st.sampled_from([(), ("X",), ("X", "Y")]))
                who = draw(st.sampled_from([provider, ""]))
                told.append(a_gap(now, now, symbols=symbols, provider=who))
            case 3 | 4:
                flags = draw(st.sampled_from([TradeFlags.LAST, TradeFlags.VOLUME]))
                size = draw(st.sampled_from([0.0, 1.5, 100.0, math.nan]))
                price = draw(prices)
                told.append(
                    a_trade(
                        price,
                        at=at,
                        symbol=symbol,
                        provider=provider,
                        size=size,
                        flags=flags,
                        ts_recv=came,
                    )
                )
            case _:
                price, half = (
                    draw(prices),
                    draw(st.sampled_from([0.0, 0.005, 0.05, -0.01, math.nan])),
                )
                told.append(
                    a_quote(price - half, price + half, at=at, symbol=symbol, provider=provider, ts_recv=came,
                            bid_size=draw(st.sampled_from([0.0, 3.0])))
                )  # fmt: skip
    return numbered(told)


configs = st.builds(
    AggregationConfig,
    method=st.sampled_from(AggregationMethod),
    outliers=st.sampled_from(RULES),
    confidence=st.sampled_from(["calibrated", "original"]),
    min_providers=st.integers(1, 3),
    time_window=st.sampled_from([1 * MINUTE, 1 * HOUR]),
    weights=st.sampled_from(
        [
            (),
            (ProviderWeight("a", 2.5), ProviderWeight("b", 0.0)),
            (ProviderWeight("c", 1.0, enabled=False),),
        ]
    ),
    trimmed_mean_pct=st.sampled_from([0.0, 0.1, 0.25]),
    max_age=st.sampled_from([2 * SECOND, 5 * SECOND, 10 * MINUTE]),
    max_age_by_symbol=st.sampled_from([{}, {"X": 1 * SECOND}]),
    price=st.sampled_from(["mid", "microprice"]),
    volume=st.sampled_from(["max", "median", "sum"]),
    emit=st.sampled_from(["change", "every"]),
    idle=st.sampled_from([20 * SECOND, 30 * MINUTE]),
    compat=st.sampled_from([None, "original"]),
    reliability=st.booleans(),
)


@settings(max_examples=80)
@given(config=configs, told=events())
def test_the_kernel_says_what_the_chain_of_its_parts_says(
    config: AggregationConfig, told: list[Event]
) -> None:
    with uncompiled():
        plain = through(consensus(config), told)

    assert not difference(through(chain(config), told), plain)
    assert not difference(through(consensus(config), told), plain)


@settings(max_examples=15)
@given(config=configs, told=events())
def test_the_cut_into_frames_changes_nothing(config: AggregationConfig, told: list[Event]) -> None:
    same_on_frames(lambda: consensus(config), told, silent=True)


@settings(max_examples=10)
@given(config=configs, told=events())
def test_the_cut_into_frames_changes_nothing_for_the_chain(
    config: AggregationConfig, told: list[Event]
) -> None:
    cuts = [[1] * len(told), [3, 2, 5], [len(told)]]
    same_on_frames(lambda: chain(config), told, cuts=cuts, silent=True)


# What it does, told by examples


def q(price: float, provider: str, at: int = 0, symbol: str = "A", half: float = 0.01) -> Event:
    return a_quote(price - half, price + half, provider=provider, at=at, symbol=symbol)


def said(
    told: list[Event], config: AggregationConfig = DEFAULT, **more: Any
) -> list[AggregatedQuote]:
    return through(consensus(config, **more), numbered(told))


def test_A09_nobody_waits_for_a_slow_provider() -> None:
    answers = said([q(100.0, "a"), q(100.0, "b"), q(100.02, "a", SECOND)])

    assert [answer.providers_used for answer in answers] == [("a",), ("a", "b"), ("a", "b")]


def test_A12_it_is_an_operator_over_streams_and_tells_what_it_refused() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    told: list[Reject] = []
    rejects.subscribe(told.append)

    answers = said(
        [q(100.0, "a"), a_quote(102.0, 101.0, provider="b"), a_trade(0.0, provider="c")],
        rejects=rejects,
    )

    assert [(each.provider, each.symbol, each.value, each.reason) for each in told] == [
        ("b", "A", 101.5, "crossed"),
        ("c", "A", 0.0, "not-positive"),
    ]
    assert len(answers) == 1


def test_a_frozen_feed_is_found_by_its_age() -> None:
    moving = [q(100.0 + at * 0.001, "a", at * SECOND) for at in range(10)]

    answers = said([q(100.0, "b"), q(100.0, "c"), *moving])

    assert answers[-1].stale == ("b", "c")
    assert answers[-1].providers_used == ("a",)


def test_a_heartbeat_tells_that_all_are_stale() -> None:
    answers = said(
        [q(100.0, "a"), q(100.0, "b"), a_heartbeat(at=5 * SECOND), a_heartbeat(at=6 * SECOND)]
    )

    assert [answer.status.name for answer in answers] == ["DEGRADED", "OK", "NO_QUORUM"]
    assert answers[-1].ts_event == 6 * SECOND


def test_symbols_have_ages_of_their_own() -> None:
    config = AggregationConfig(max_age_by_symbol={"B": SECOND})

    answers = said(
        [q(1.0, "a", symbol="A"), q(1.0, "a", symbol="B"), a_heartbeat(at=2 * SECOND)], config
    )

    assert [(answer.symbol, answer.status.name) for answer in answers[2:]] == [("B", "NO_QUORUM")]


@pytest.mark.parametrize(
    "loss",
    [
        a_status(StreamStatus.RECONNECTING, at=SECOND, provider="b"),
        a_gap(0, SECOND, provider="b"),
        a_gap(0, SECOND, provider="b", symbols=("A",)),
    ],
    ids=["disconnect", "gap", "gap of the symbol"],
)
def test_what_a_provider_said_before_it_was_lost_counts_no_more(loss: Event) -> None:
    answers = said([q(100.0, "a"), q(100.02, "b"), loss, q(100.04, "b", 2 * SECOND)])

    assert [(answer.providers_used, answer.lost) for answer in answers[1:]] == [
        (("a", "b"), ()),
        (("a",), ("b",)),
        (("a", "b"), ()),
    ]
    assert answers[2].price == 100.0


def test_a_gap_of_other_symbols_or_one_that_was_filled_changes_nothing() -> None:
    gaps = [
        a_gap(0, SECOND, provider="b", symbols=("B",)),
        a_gap(0, SECOND, provider="b", filled=True),
    ]

    assert len(said([q(100.0, "a"), q(100.0, "b"), *gaps])) == 2


def test_a_quote_goes_before_the_last_trade_of_its_provider_while_it_is_fresh() -> None:
    told = [
        q(100.0, "a"),
        a_trade(100.01, provider="a"),
        a_trade(100.01, provider="a", at=6 * SECOND),
    ]

    assert [answer.price for answer in said(told)] == [100.0, 100.01]


def test_trades_that_may_not_move_the_last_price_do_not() -> None:
    assert said([a_trade(100.0, provider="a", flags=TradeFlags.VOLUME)]) == []


def test_a_report_older_than_the_one_that_is_there_changes_nothing() -> None:
    assert [answer.price for answer in said([q(100.0, "a", SECOND), q(99.0, "a", 0)])] == [100.0]


def test_answers_are_told_when_they_change_or_every_time_or_now_and_then() -> None:
    told = [q(100.0 + 0.01 * (at // 3), "a", at * 300 * MILLI) for at in range(12)]

    def times(emit: Any) -> list[int]:
        return [answer.ts_event // MILLI for answer in said(told, AggregationConfig(emit=emit))]

    assert times("every") == [at * 300 for at in range(12)]
    assert times("change") == [0, 900, 1800, 2700]
    assert times(2 * SECOND) == [0, 2100]


def test_a_heartbeat_brings_the_answer_that_waited_for_its_interval() -> None:
    told = [
        q(100.0, "a", 0),
        q(101.0, "a", MILLI),
        a_heartbeat(at=SECOND),
        a_heartbeat(at=2 * SECOND),
    ]

    answers = said(told, AggregationConfig(emit=SECOND))

    assert [(answer.ts_event, answer.price) for answer in answers] == [(0, 100.0), (SECOND, 101.0)]


@pytest.mark.parametrize("seed", range(20, 30))
def test_how_often_answers_are_told_changes_none_of_them(seed: int) -> None:
    chance, now, price = random.Random(seed), 10**18, 100.0
    told: list[Event] = []
    for _ in range(200):
        now += chance.choice([SECOND // 2, SECOND, 3 * SECOND, 10 * SECOND])
        price *= 1 + 2e-4 * chance.gauss(0, 1)
        name = chance.choice("abcde")
        off = chance.choice([8e-4, 1.2e-3, 2e-3]) if name in "cd" else 0.0
        report = q(price * (1 + off + 2e-5 * chance.gauss(0, 1)), name, now)
        told.append(a_heartbeat(at=now) if chance.random() < 0.2 else report)
    rule = RobustOutlier(confirm=3)

    def answers(emit: Any) -> dict[int, AggregatedQuote]:
        config = AggregationConfig(emit=emit, max_age=5 * MINUTE, outliers=rule)
        return {answer.seq: answer for answer in through(consensus(config), numbered(told))}

    each, some = answers("every"), answers(30 * SECOND)
    told_by_both = sorted(each.keys() & some.keys())
    assert len(told_by_both) > 5
    assert not difference([some[seq] for seq in told_by_both], [each[seq] for seq in told_by_both])


def test_who_is_excluded_stays_so_when_somebody_else_was_lost_for_a_moment() -> None:
    told = [
        q(100.0 + off, name, k) for k in range(3) for name, off in (("a", 0), ("b", 0), ("c", 1))
    ]
    told += [a_status(StreamStatus.DISCONNECTED, at=3, provider="a"), q(100.0, "a", 4)]

    answers = said(told, AggregationConfig(emit="every"))

    assert [answer.outliers_excluded for answer in answers[-3:]] == [("c",), (), ("c",)]
    assert answers[-2].status.name == "DISPUTED"
    assert not difference(through(chain(AggregationConfig(emit="every")), numbered(told)), answers)


@pytest.mark.parametrize(
    "rule",
    [RobustOutlier(floor_bps=0), LeaveOneOutZ(floor_bps=0), MadOutlier(floor_bps=0)],
    ids=["robust", "leave-one-out", "mad"],
)
def test_a_lone_trade_of_which_nothing_is_known_is_no_certainty(rule: OutlierRule) -> None:
    config = AggregationConfig(outliers=rule)
    told = numbered([a_trade(100.0, provider="a", at=1), a_trade(100.01, provider="b", at=2)])

    answers = through(consensus(config), told)

    assert (answers[0].price, answers[0].confidence) == (100.0, 0.0)
    assert math.isnan(answers[0].half_width)
    assert answers[1].half_width > 0.0
    assert not difference(through(chain(config), told), answers)


@pytest.mark.parametrize("method", AggregationMethod)
def test_the_heaviest_weights_that_there_may_be_are_summed_up(method: AggregationMethod) -> None:
    told = [q(99.0 + k, name, k) for k, name in enumerate("abc")]

    def half_width(weight: float) -> float:
        weights = tuple(ProviderWeight(name, weight) for name in "abc")
        return said(told, AggregationConfig(method=method, weights=weights))[-1].half_width

    assert half_width(1e100) == pytest.approx(half_width(1.0))


ENDS = [-(2**63), 1 - 2**63, -(2**62), 1 - 2**62, 0, 2**62 - 1, 2**62, 2**63 - 1]


@given(
    told=st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from([*ENDS, *[10**18 + k for k in (-HOUR, -1, 0, 1, SECOND)]]),
            st.sampled_from([*ENDS, 10**18]),
        ),
        max_size=12,
    ),
    window=st.sampled_from([HOUR, 1 << 62]),
    max_age=st.sampled_from([SECOND, 1 << 62]),
)
def test_at_the_ends_of_64_bits_the_kernel_says_the_same_as_python(
    told: list[tuple[str, int, int]], window: int, max_age: int
) -> None:
    config = AggregationConfig(emit="every", time_window=window, max_age=max_age, idle=1 << 62)
    known = [q(100.0, name, 10**18 + k) for k, name in enumerate("abcabc")]
    ends = [a_quote(99.0, 101.0, provider=name, at=at, ts_recv=recv) for name, at, recv in told]
    stream = numbered([*known, *ends])

    def heard(rows: int) -> list[AggregatedQuote]:
        answers: list[AggregatedQuote] = []
        from_events(stream, rows=rows).pipe(consensus(config)).subscribe(answers.append)
        return answers

    with uncompiled():
        expected = heard(1)

    assert not difference(heard(1), expected)
    assert not difference(heard(30), expected)
    assert not difference(through(chain(config), stream), expected)


def test_a_stamp_that_pandas_has_for_none_is_late() -> None:
    refused: SideOutput[Reject] = SideOutput()
    reasons: list[str] = []
    refused.subscribe(lambda reject: reasons.append(reject.reason))
    none = [a_quote(199.0, 201.0, provider="b", at=-(2**63), ts_recv=recv) for recv in (0, 10**18)]

    answers = said([q(100.0, "a", 10**18), *none], rejects=refused)

    assert reasons == ["late", "late"]
    assert [answer.providers_used for answer in answers] == [("a",)]


def test_a_symbol_that_was_idle_is_forgotten() -> None:
    config = AggregationConfig(idle=10 * SECOND)

    answers = said([q(100.0, "a"), q(100.0, "b"), q(50.0, "c", 30 * SECOND)], config)

    assert answers[-1].reasons == ()
    assert answers[-1].providers_used == ("c",)


def test_a_bad_provider_is_excluded_after_two_rounds_and_used_again_when_it_is_good(
    caplog: pytest.LogCaptureFixture,
) -> None:
    offsets = [0.0, 0.5, 0.5, 0.5, 0.035, 0.005, 0.005]
    told = [
        q(100.0 + (off if name == "c" else 0.0), name, k * SECOND + j)
        for k, off in enumerate(offsets)
        for j, name in enumerate("abc")
    ]

    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        answers = said(told, AggregationConfig(emit="every"))

    out = ["c" in answer.outliers_excluded for answer in answers]
    assert out.index(True) == 6
    assert out.count(True) == 3 * 3 + 2
    assert [record.getMessage() for record in caplog.records] == [
        "A: c is excluded, +50.00 bps from the others",
        "A: c is used again, +0.50 bps from the others",
    ]


def test_a_jump_of_all_is_followed_and_blamed_on_nobody() -> None:
    told = [
        q(100.0 if k < 5 else 100.5, name, k * SECOND + j)
        for k in range(9)
        for j, name in enumerate("abc")
    ]

    answers = said(told)

    assert answers[-1].price == pytest.approx(100.5)
    assert not any(answer.outliers_excluded for answer in answers)


def test_what_is_excluded_teaches_nothing_about_the_usual_distance() -> None:
    good = [q(100.0, name, k * SECOND + j) for k in range(30) for j, name in enumerate("ab")]
    bad = [q(100.0 + 0.1 * (k > 3), "c", k * SECOND + 5) for k in range(30)]

    answers = said(sorted([*good, *bad], key=lambda fact: fact.ts_event))

    assert answers[-1].outliers_excluded == ("c",)
    assert answers[-1].half_width < 0.03


def test_weights_that_name_nobody_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    config = AggregationConfig(weights=(ProviderWeight("polgon", 2.0), ProviderWeight("a")))

    said([q(100.0, "a", at * MINUTE) for at in range(5)], config)

    assert [record.getMessage() for record in caplog.records] == [
        "weights name providers that have not been heard of: polgon"
    ]


def test_a_z_score_that_cannot_fire_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    said([q(100.0, name) for name in "abc"], AggregationConfig.original())

    assert [record.getMessage() for record in caplog.records] == [
        "z-score 2 cannot fire with 3 providers: no z is above 1.155"
    ]


def test_a_provider_that_was_often_excluded_weighs_less() -> None:
    config = AggregationConfig(method=AggregationMethod.WEIGHTED_MEAN, reliability=True)
    told = [
        q(100.0 + (0.5 if name == "c" and k < 60 else 0.0), name, k * SECOND + j)
        for k in range(80)
        for j, name in enumerate("abc")
    ]
    last = [q(100.01, "c", 81 * SECOND)]

    fair, wary = (
        said([*told, *last], each)[-1] for each in (AggregationConfig(method=config.method), config)
    )

    assert wary.providers_used == ("a", "b", "c")
    assert wary.price < fair.price
    assert not difference(through(chain(config), numbered(told)), said(told, config))


def test_providers_beyond_the_62nd_are_rejected() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    many = [q(100.0, f"p{k}") for k in range(64)]

    answers = said(many, rejects=rejects)

    assert answers[-1].provider_count == 62
    assert rejects.told == 2


def test_a_thousand_symbols_may_become_stale_at_once() -> None:
    told = [q(100.0, "a", symbol=f"S{k}") for k in range(1000)]

    answers = said([*told, a_heartbeat(at=6 * SECOND)])

    assert [answer.symbol for answer in answers[1000:]] == [f"S{k}" for k in range(1000)]
    assert {answer.seq for answer in answers[1000:]} == {1001}


def test_a_subscriber_that_raises_and_an_error_of_the_source_end_as_they_should() -> None:
    errors: list[Exception] = []
    source = reactivex.concat(reactivex.of(q(100.0, "a")), reactivex.throw(OSError("gone")))

    source.pipe(consensus()).subscribe(lambda _: None, errors.append)

    assert [str(error) for error in errors] == ["gone"]


# The same from nothing but plain Rx


def reference(streams: list[list[Any]]) -> list[tuple[float, tuple[str, ...]]]:
    """Zipped rows; a scan that remembers the usual distance and who was out of line; the median of those left."""

    def fold(state: Any, row: tuple[Any, ...]) -> Any:
        scale2, streaks, out, _ = state
        prices = {quote.provider: quote.mid for quote in row}
        centre = statistics.median(prices.values())
        far = {name: (price - centre) / centre for name, price in prices.items()}
        mad = 1.4826 * statistics.median(abs(x) for x in far.values())
        floor = max(1e-4, 0.5 * statistics.median(q.ask - q.bid for q in row) / centre)
        base = max(floor, mad, math.sqrt(scale2))
        streaks = {n: streaks.get(n, 0) + 1 if abs(x) > 4 * base else 0 for n, x in far.items()}
        out = {n for n, x in far.items() if (abs(x) >= 2 * base if n in out else streaks[n] >= 2)}
        used = {name: price for name, price in prices.items() if name not in out}
        in_line = [price for name, price in used.items() if abs(far[name]) <= 4 * base]
        return scale2, streaks, out, (statistics.median(in_line), tuple(sorted(used)))

    told: list[Any] = []
    rx_streams = [reactivex.from_iterable(stream) for stream in streams]
    first: Any = (0.0, {}, set(), None)
    reactivex.zip(*rx_streams).pipe(
        ops.scan(fold, first), ops.map(lambda state: state[3])
    ).subscribe(told.append)
    return told


def test_on_aligned_input_it_equals_a_consensus_of_zip_and_scan() -> None:
    chance = random.Random(5)
    bad = {("c", k): 0.5 for k in range(21, 40)}
    rows = [
        [
            q(100.0 * (1 + chance.gauss(0, 2e-5)) + bad.get((name, k), 0.0), name, k * SECOND)
            for name in "abcde"
        ]
        for k in range(60)
    ]

    expected = reference([list(stream) for stream in zip(*rows, strict=True)])
    fold = Folding(AggregationConfig())
    folded = [fold(row) for row in rows]  # type: ignore[arg-type]
    streamed = said([quote for row in rows for quote in row], AggregationConfig(emit="every"))

    assert [(a.price, a.providers_used) for a in folded] == expected
    assert [a.price for a in streamed[4::5]] == [price for price, _ in expected]


def test_after_days_in_the_wrong_order_the_old_prices_are_not_taken_for_new_ones() -> None:
    tomorrow = [q(200.0 + j, name, 24 * HOUR + j) for j, name in enumerate("ab")]
    today = [q(100.0, "ab"[k % 2], k * SECOND) for k in range(6)]
    told = numbered([*tomorrow, *today])

    answers = said(told)

    # One report is refused; the second of another provider sets the clock back.
    assert [answer.price for answer in answers[-2:]] == [100.0, 100.0]
    assert answers[-1].providers_used == ("a", "b")
    assert answers[2].stale == ("a",)
    assert answers[2].price == 100.0
    assert not difference(through(chain(DEFAULT), told), answers)


def test_what_was_learned_is_forgotten_with_everybody_even_by_a_stale_report() -> None:
    apart = [q(100.0 + 0.05 * (k % 3), "abc"[k % 3], k * SECOND) for k in range(60)]
    told = numbered(
        [
            *apart,
            a_quote(99.9, 100.1, provider="a", symbol="B", at=HOUR),
            q(100.0, "d", HOUR - MINUTE),
            *(q(100.0 + 0.1 * k, "def"[k], HOUR) for k in range(3)),
        ]
    )

    answers = said(told)

    assert answers[-1].provider_count == 3
    assert not difference(through(chain(DEFAULT), told), answers)


def test_history_that_is_filled_in_makes_no_answer_and_moves_no_clock() -> None:
    def at(time: int, arrived: int, name: str, symbol: str) -> Event:
        return a_quote(99.0, 101.0, provider=name, at=time, ts_recv=arrived, symbol=symbol)

    told = numbered(
        [
            at(5 * HOUR, 5 * HOUR, "a", "A"),
            *(at(2 * HOUR + k, 5 * HOUR + k, "a", "B") for k in range(4)),
            at(5 * HOUR + SECOND, 5 * HOUR + SECOND, "b", "A"),
        ]
    )

    answers = said(told)

    assert [(answer.symbol, answer.providers_used) for answer in answers] == [
        ("A", ("a",)),
        ("A", ("a", "b")),
    ]
    assert not difference(through(chain(DEFAULT), told), answers)


def test_a_move_is_logged_with_its_distance_when_it_is_told_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = [
        q(100.0 + (0.5 if name == "c" and k > 1 else 0.0), name, k * SECOND + j)
        for k in range(12)
        for j, name in enumerate("abc")
    ]

    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        said(told, AggregationConfig(emit=10 * SECOND))

    assert [record.getMessage() for record in caplog.records] == [
        "A: c is excluded, +50.00 bps from the others"
    ]


def test_a_move_that_is_told_when_its_price_is_lost_is_logged_without_a_distance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = [
        q(100.0 + (0.5 if name == "c" and k > 1 else 0.0), name, k * SECOND + j)
        for k in range(5)
        for j, name in enumerate("abc")
    ]
    told += [a_gap(ts_to=5 * SECOND, provider="c"), a_heartbeat(at=11 * SECOND, provider="a")]

    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        answers = said(told, AggregationConfig(emit=10 * SECOND))

    assert answers[-1].lost == ("c",)
    assert [record.getMessage() for record in caplog.records] == ["A: c is used again"]


def test_of_several_that_move_at_once_the_farthest_is_told_as_such(
    caplog: pytest.LogCaptureFixture,
) -> None:
    off = {"d": 0.5, "e": 0.4}
    told = [
        q(100.0 + (off.get(name, 0.0) if k > 1 else 0.0), name, k * SECOND + j)
        for k in range(12)
        for j, name in enumerate("abcde")
    ]

    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        said(told, AggregationConfig(emit=10 * SECOND))

    assert [record.getMessage() for record in caplog.records] == [
        f"A: {name} is excluded, up to +50.00 bps from the others" for name in "de"
    ]


def test_who_was_often_excluded_is_known_still_when_another_is_forgotten() -> None:
    config = AggregationConfig(
        method=AggregationMethod.WEIGHTED_MEAN, reliability=True, idle=30 * SECOND, emit="every"
    )
    told = [q(50.0, "a"), q(100.0, "a", symbol="B")]
    told += [
        q(100.0 + (0.5 if name == "d" and k < 60 else 0.001 * j), name, k * SECOND + j, "B")
        for k in range(90)
        for j, name in enumerate("bcd")
    ]
    told = numbered(told)

    answers = said(told, config)

    # `a`, whose place was before theirs, is forgotten after half a minute.
    assert answers[-1].providers_used == ("b", "c", "d")
    assert answers[-1].price < 100.0009
    assert not difference(through(chain(config), told), answers)


def test_the_source_runs_on_the_scheduler_of_who_listens() -> None:
    clock = VirtualTimeScheduler()
    answers: list[AggregatedQuote] = []

    reactivex.timer(2.0).pipe(
        ops.map(lambda _: q(100.0, "a")), consensus(), ops.do_action(answers.append)
    ).subscribe(scheduler=clock)
    clock.advance_to(1.0)
    assert not answers

    clock.advance_to(3.0)
    assert [answer.price for answer in answers] == [100.0]
