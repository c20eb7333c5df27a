"""Patterns as facts: what a match carries, what is asked for, and when it is told."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx import from_json, to_json
from ordinis_rx.kernels.candle_shapes import BARS as NATIVE_BARS
from ordinis_rx.kernels.candle_shapes import DIRECTIONS
from ordinis_rx.kinds import Direction
from ordinis_rx.operators import Pattern, PatternContext, PatternMatch, SideOutput, patterns
from ordinis_rx.operators.candlesticks import (
    AS_TALIB,
    NATIVE_PATTERNS,
    NEEDS_GAP,
    TALIB_PATTERNS,
    PatternFrame,
)
from ordinis_rx.operators.candlesticks.names import BARS, NEUTRAL_PATTERNS
from ordinis_rx.operators.candlesticks.options import chosen
from ordinis_rx.testing import a_bar, a_trade, check_operator, same, same_on_frames, through
from tests.candles import every_pattern, random_bars

CONFIRMED = PatternContext.CONFIRMED
MIXED = ["CDLENGULFING", "CDLHIKKAKE", "CDLDOJI", "bullish_engulfing", "doji", "hammer"]


# Names


def test_there_are_sixty_one_of_talib_and_fifteen_of_our_own() -> None:
    assert (len(TALIB_PATTERNS), len(NATIVE_PATTERNS)) == (61, 15)
    assert (*TALIB_PATTERNS, *NATIVE_PATTERNS) == tuple(Pattern)
    assert set(BARS) == set(TALIB_PATTERNS)
    assert set(AS_TALIB) == set(NATIVE_PATTERNS)


def test_a_name_is_its_text() -> None:
    assert Pattern.CDLENGULFING == "CDLENGULFING"
    assert f"{Pattern.HAMMER}" == "hammer"


def test_our_own_have_the_order_and_direction_of_their_kernel() -> None:
    told = dict(zip(NATIVE_PATTERNS, DIRECTIONS, strict=True))

    assert [name for name, way in told.items() if way == 3] == [Pattern.DOJI]
    assert [name for name, way in told.items() if way == 2] == [
        Pattern.HANGING_MAN,
        Pattern.SHOOTING_STAR,
        Pattern.BEARISH_ENGULFING,
        Pattern.BEARISH_HARAMI,
        Pattern.DARK_CLOUD_COVER,
        Pattern.EVENING_STAR,
        Pattern.TWEEZER_TOP,
    ]
    assert [n for n, bars in zip(NATIVE_PATTERNS, NATIVE_BARS, strict=True) if bars == 3] == [
        Pattern.MORNING_STAR,
        Pattern.EVENING_STAR,
    ]


def test_patterns_without_gaps_leave_out_what_needs_one_and_take_our_own_instead() -> None:
    wanted = chosen(None, False)

    assert set(wanted) & NEEDS_GAP == set()
    assert {each for each in wanted if each in NATIVE_PATTERNS} == {
        Pattern.INVERTED_HAMMER,
        Pattern.SHOOTING_STAR,
        Pattern.PIERCING_LINE,
        Pattern.DARK_CLOUD_COVER,
        Pattern.MORNING_STAR,
        Pattern.EVENING_STAR,
    }
    assert chosen(None, True) == TALIB_PATTERNS


@pytest.mark.parametrize(
    ("names", "gaps", "message"),
    [
        (["CDLNOTHING"], True, "patterns: there is no 'CDLNOTHING'; TA-Lib has CDL2CROWS to CDLXSIDEGAP3METHODS"),
        ([], True, "patterns: names must be one pattern at least, got none"),
        (["CDLMORNINGSTAR"], False, "patterns: CDLMORNINGSTAR needs a gap between bars; ask for morning_star"),
        (["CDLKICKING"], False, "patterns: CDLKICKING needs a gap between bars$"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_are_refused(names: list[str], gaps: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        patterns(names, gaps=gaps)


def test_a_lone_name_is_no_list_of_names() -> None:
    with pytest.raises(TypeError, match=r"patterns: names must be several, as in .*, got 'doji'"):
        patterns("doji")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trend": 0}, "patterns: trend must be from 1 to 10000 bars, got 0"),
        ({"volume": 10_001}, "patterns: volume must be from 1 to 10000 bars, got 10001"),
        ({"volume_ratio": 0.0}, "patterns: volume_ratio must be a finite number above 0, got 0.0"),
        (
            {"volume_ratio": math.nan},
            "patterns: volume_ratio must be a finite number above 0, got nan",
        ),
        ({"penetration": 0.3}, "patterns: none of those asked for takes a penetration"),
        (
            {"penetration": {"doji": 0.3}},
            "patterns: penetration is for none of those asked for, not for 'doji'",
        ),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        patterns(["doji"], **options)


@pytest.mark.parametrize("share", [-0.1, math.nan, math.inf])
def test_a_share_that_cannot_be_is_refused(share: float) -> None:
    message = f"patterns: penetration as a share must be a finite number, 0 or more, got {share!r}"
    with pytest.raises(ValueError, match=message):
        patterns(["CDLMATHOLD", "CDLDOJI"], penetration={"CDLMATHOLD": share})
    with pytest.raises(ValueError, match="penetration is for CDLMATHOLD of those asked for, not for 'CDLDOJI'"):  # fmt: skip
        patterns(["CDLMATHOLD", "CDLDOJI"], penetration={"CDLDOJI": 0.1})


def test_half_a_bar_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"patterns: trend must be a whole number of bars, got 2\.5"
    ):
        patterns(["doji"], trend=2.5)  # type: ignore[arg-type]


# What a match says


@pytest.mark.parametrize("name", ["doji", "CDLDOJI"])
def test_a_match_carries_the_times_provider_and_revision_of_its_bar(name: str) -> None:
    before = [a_bar(9 + k % 2, at=k, open=10 - k % 2, high=12, low=8, symbol="B") for k in range(12)]  # fmt: skip
    bar = a_bar(9, at=77, open=9, high=12, low=8, symbol="B", ts_recv=80, provider="x", revision=2)

    told = through(patterns([name]), [*before, bar])[-1]

    assert (told.symbol, told.ts_event, told.ts_recv, told.provider) == ("B", 77, 80, "x")
    assert (told.revision, told.seq, told.name) == (2, 13, name)
    assert (told.direction, told.strength) == (Direction.NEUTRAL, 1.0)


def test_direction_and_strength_are_those_of_the_number() -> None:
    for match in through(patterns(), every_pattern()):
        neutral = match.name in NEUTRAL_PATTERNS
        way = Direction.BULLISH if match.raw > 0 else Direction.BEARISH
        assert match.direction is (Direction.NEUTRAL if neutral else way)
        assert match.strength == {80: 0.8, 100: 1.0, 200: 1.0}[abs(match.raw)]
        assert (CONFIRMED in match.context) == (abs(match.raw) == 200)


def test_both_families_see_the_same_surroundings() -> None:
    """A doji is the same to both, by its own range or by the mean: where both see one, the context is one."""
    story = random_bars(500, seed=9)
    told = through(patterns(["CDLDOJI", "doji"], trend=4, volume=6, volume_ratio=1.2), story)
    by_bar: dict[int, dict[str, PatternMatch]] = {}
    for match in told:
        by_bar.setdefault(match.seq, {})[match.name] = match

    both = [pair for pair in by_bar.values() if len(pair) == 2]

    assert all(pair["doji"].context == pair["CDLDOJI"].context for pair in both)
    assert {int(pair["doji"].context) for pair in both} >= {1, 2, 9, 10}


def test_a_match_reads_as_a_line() -> None:
    match = PatternMatch(
        symbol="A",
        ts_event=0,
        name=Pattern.CDLENGULFING,
        direction=Direction.BEARISH,
        strength=0.8,
        raw=-80,
    )

    assert str(match) == "A CDLENGULFING ▼ 80 %"


def test_patterns_of_one_bar_come_in_the_order_of_their_names() -> None:
    order = {name: k for k, name in enumerate(Pattern)}

    told = [
        (m.seq, order[m.name]) for m in through(patterns(MIXED[::-1]), random_bars(300, seed=1))
    ]

    assert told == sorted(told)
    assert len({at for at, _ in told}) < len(told)


# What must surround it


@pytest.mark.parametrize("names", [["CDLENGULFING"], ["bullish_engulfing", "bearish_engulfing"]])
def test_what_is_confirmed_is_told_with_the_next_bar(names: list[str]) -> None:
    story = random_bars(400, seed=10)
    plain = through(patterns(names), story)

    told = through(patterns(names, requires=CONFIRMED), story)

    wanted = []
    for match in plain:
        this, after = story[match.seq - 1], story[match.seq : match.seq + 1]
        way = 1 if match.direction is Direction.BULLISH else -1
        if after and way * after[0].close > way * this.close:
            wanted.append((match.seq + 1, after[0].ts_event, match.name, match.context | CONFIRMED))
    assert [(m.seq, m.ts_event, m.name, m.context) for m in told] == wanted
    assert 0 < len(told) < len(plain)


def test_a_hikkake_that_talib_confirms_waits_for_nothing() -> None:
    told = through(patterns(["CDLHIKKAKE"], requires=CONFIRMED), random_bars(600, seed=11))

    twice = [match for match in told if abs(match.raw) == 200]
    assert twice
    assert all(CONFIRMED in match.context for match in told)
    plain = through(patterns(["CDLHIKKAKE"]), random_bars(600, seed=11))
    assert [m for m in plain if abs(m.raw) == 200] == twice


@pytest.mark.parametrize("names", [["CDLENGULFING"], ["bullish_engulfing", "bearish_engulfing"]])
def test_only_what_has_all_that_is_required_is_told(names: list[str]) -> None:
    requires = PatternContext.AGAINST_TREND | PatternContext.HIGH_VOLUME
    story = random_bars(900, seed=12)

    told = through(patterns(names, requires=requires), story)

    assert told == [m for m in through(patterns(names), story) if requires in m.context]
    assert told


# Symbols, revisions, and bars that cannot be used


@pytest.mark.parametrize(
    "names", [["CDLENGULFING", "CDLDOJI"], ["bullish_engulfing", "doji"], MIXED]
)
def test_symbols_do_not_mix(names: list[str]) -> None:
    one, other = random_bars(80, seed=1), random_bars(80, seed=2, symbol="B")
    both = [bar for pair in zip(one, other, strict=True) for bar in pair]

    told = through(patterns(names), both)

    def said(matches: list[PatternMatch], symbol: str) -> list[Any]:
        return [(m.ts_event, m.name, m.raw, m.context) for m in matches if m.symbol == symbol]

    assert said(told, "A") == said(through(patterns(names), one), "A") != []
    assert said(told, "B") == said(through(patterns(names), other), "B") != []


@pytest.mark.parametrize("requires", [PatternContext(0), CONFIRMED])
def test_a_bar_told_again_is_judged_again(requires: PatternContext) -> None:
    story = random_bars(60, seed=3)
    told_twice = []
    for k, bar in enumerate(story):
        if k % 3 == 1:
            told_twice.append(replace(bar, open=bar.low, close=bar.high, volume=1.0))
        told_twice.append(replace(bar, revision=k % 3))

    told = through(patterns(MIXED, requires=requires), told_twice)

    def said(matches: list[PatternMatch]) -> list[Any]:
        return [(m.ts_event, m.name, m.raw, m.context) for m in matches]

    revised = {bar.ts_event: bar.revision for bar in told_twice}
    last = [match for match in told if match.revision == revised[match.ts_event]]
    assert said(last) == said(through(patterns(MIXED, requires=requires), story)) != []


def test_bars_that_cannot_be_used_are_counted_and_leave_no_trace() -> None:
    story, skipped = random_bars(60, seed=3), SideOutput()
    bad = [*story[:30], a_bar(math.nan, at=31), a_bar(500, at=2), a_trade(5), *story[30:]]

    told = through(patterns(MIXED, skipped=skipped), bad)

    assert [(m.ts_event, m.name, m.context) for m in told] == [
        (m.ts_event, m.name, m.context) for m in through(patterns(MIXED), story)
    ]
    assert skipped.told == 2


# The promises


A_DAY = [
    fact
    for one, other in zip(random_bars(30, seed=4), random_bars(30, seed=5, symbol="B"), strict=True)
    for fact in (one, other, a_trade(1, at=one.ts_event))
]
A_DAY += [a_bar(math.nan, at=31), a_bar(990, at=30, open=995, high=999, low=980, revision=1)]


@pytest.mark.parametrize("requires", [PatternContext(0), CONFIRMED])
@pytest.mark.parametrize("names", [NATIVE_PATTERNS, MIXED], ids=["own", "mixed"])
def test_frames_of_any_size_give_the_same_matches(names: Any, requires: PatternContext) -> None:
    same_on_frames(lambda: patterns(names, trend=2, volume=3, requires=requires), A_DAY)


@pytest.mark.parametrize("names", [NATIVE_PATTERNS, MIXED], ids=["own", "mixed"])
def test_it_keeps_the_promises_of_an_operator(names: Any) -> None:
    check_operator(lambda: patterns(names, trend=2, volume=3, skipped=SideOutput()), A_DAY)


def test_a_match_survives_json_and_columns() -> None:
    told = through(patterns(MIXED), random_bars(100, seed=6))

    assert same([from_json(to_json(match)) for match in told], told)
    frame = PatternFrame.from_events(told)
    assert frame.raw.tolist() == [match.raw for match in told]
    assert same(frame.copy().to_events(), told)
    columns = {name: [getattr(match, name) for match in told] for name in told[0].__struct_fields__}
    assert same(PatternFrame.from_columns(**columns).to_events(), told)
