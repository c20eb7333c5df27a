from __future__ import annotations

import re

import pytest
from reactivex import operators as ops

from ordinis_rx.events import Event
from ordinis_rx.sim import FAULT_NAMES, Faults, WireFaults, market, parse_faults
from ordinis_rx.timebase import MILLI, MINUTE, SECOND


def test_nothing_asked_is_nothing_done() -> None:
    plan = parse_faults([])

    assert plan.operators == ()
    assert plan.wire == WireFaults()


def test_faults_of_the_wire_go_to_the_server() -> None:
    plan = parse_faults(
        [
            "disconnect=5s",
            "clean-close=2m",
            "error-close=90s",
            "half-open=1.5s",
            "mute=250ms",
            "garbage=.1",
        ]
    )

    assert plan.operators == ()
    assert plan.wire == WireFaults(
        disconnect_every=5 * SECOND,
        clean_close_every=2 * MINUTE,
        error_close_every=90 * SECOND,
        half_open_after=1500 * MILLI,
        mute_after=250 * MILLI,
        garbage=0.1,
    )


def test_faults_of_the_data_act_on_the_market_and_are_counted() -> None:
    prices = market(["AAPL", "X:Y"], seed=1, duration=5 * SECOND)
    plan = parse_faults(
        [
            "drop=0.1",
            "duplicate=0.1",
            "delay=0.1:200ms",
            "reorder=0.1",
            "spike=0.1:50",
            "bias=3",
            "freeze=X:Y:1s:2s",
        ],
        start=prices.start,
        seed=9,
    )
    told: list[Event] = []
    plan.apply(prices).subscribe(told.append)
    tally = plan.tally

    assert len(told) == len(list(prices.events())) - tally.dropped + tally.duplicated
    assert all(getattr(tally, name) > 0 for name in Faults.__slots__)
    assert told == plan.apply(prices).pipe(ops.to_list()).run()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("rain=1", "no fault 'rain'; there are drop=SHARE, duplicate=SHARE,"),
        ("", "no fault ''; there are"),
        ("drop", "fault drop is given as drop=SHARE, got '': not a number: ''"),
        ("drop=much", "drop=SHARE, got 'much': not a number: 'much'"),
        ("drop=7", "got '7': drop: share must be a share between 0 and 1, got 7.0"),
        ("delay=0.1", "delay=SHARE:DURATION, got '0.1': 2 parts between colons, not 1"),
        ("delay=0.1:5", "a duration is a number with one of ns us ms s m h d, not '5'"),
        ("disconnect=soon", "disconnect=DURATION, got 'soon': a duration is a number"),
        (
            "disconnect=0s",
            "disconnect_every must be 1 or more nanoseconds, such as 5 * SECOND, got 0",
        ),
        ("garbage=2", "garbage must be a share between 0 and 1, got 2.0"),
        ("freeze=AAPL:1s", "freeze=SYMBOL:FROM:TO, got 'AAPL:1s': a symbol and two durations"),
        ("freeze=AAPL:2s:1s", "ts_to must be after ts_from"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_be_right(option: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_faults([option])


def test_a_symbol_that_is_not_traded_cannot_freeze() -> None:
    assert parse_faults(["freeze=BRK:B:1s:2s"], symbols=["BRK:B"]).operators

    with pytest.raises(ValueError, match=re.escape("'MSFT' is not traded; there are AAPL, BRK:B")):
        parse_faults(["freeze=MSFT:1s:2s"], symbols=["AAPL", "BRK:B"])


def test_every_fault_is_listed_with_the_form_of_its_value() -> None:
    assert "spike=SHARE:BPS" in FAULT_NAMES
    assert len(FAULT_NAMES) == 13
