"""The history checker finds what is planted, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.events import Event
from ordinis_rx.testing.factories import a_gap, a_trade
from ordinis_rx.testing.history import Sent, check_history

SENT = [Sent(symbol, str(n), 10 * n) for n in range(8) for symbol in ("AAPL", "MSFT")]


def delivered() -> list[Event]:
    return [a_trade(symbol=each.symbol, trade_id=each.key) for each in SENT]


def test_a_faithful_delivery_has_no_problem() -> None:
    assert check_history(SENT, delivered()) == []


@given(st.integers(0, len(SENT) - 1))
def test_a_planted_loss_is_found_and_a_gap_with_exact_bounds_explains_it(place: int) -> None:
    heard = delivered()
    del heard[place]
    symbol, key, at = SENT[place]
    assert check_history(SENT, heard) == [f"{symbol} {key!r} of {at} was lost without a word"]
    assert check_history(SENT, [*heard, a_gap(ts_from=at, ts_to=at)]) == []
    assert check_history(SENT, [*heard, a_gap(ts_from=at + 1, ts_to=at + 9)]) != []
    other = "MSFT" if symbol == "AAPL" else "AAPL"
    assert check_history(SENT, [*heard, a_gap(ts_from=at, ts_to=at, symbols=(other,))]) != []


@given(st.integers(0, len(SENT) - 1), st.integers(0, len(SENT)))
def test_a_planted_duplicate_is_found_wherever_it_stands(place: int, where: int) -> None:
    heard = delivered()
    heard.insert(where, heard[place])
    symbol, key, _ = SENT[place]
    assert f"{symbol} {key!r} was delivered more often than sent" in check_history(SENT, heard)


@given(st.integers(0, len(SENT) - 3))
def test_a_planted_swap_is_found(place: int) -> None:
    heard = delivered()
    heard[place], heard[place + 2] = heard[place + 2], heard[place]
    symbol, key, _ = SENT[place]
    assert check_history(SENT, heard) == [f"{symbol} {key!r} was delivered out of order"]


def test_what_nobody_sent_is_found() -> None:
    invented = a_trade(symbol="AAPL", trade_id="99")
    assert check_history(SENT, [*delivered(), invented]) == ["AAPL '99' was never sent"]


def test_counted_drops_explain_as_many_losses_and_no_other_number() -> None:
    heard = delivered()[2:]
    assert check_history(SENT, heard, dropped=2) == []
    assert len(check_history(SENT, heard, dropped=1)) == 2
    assert check_history(SENT, heard, dropped=3) == [
        "3 drops were counted, and 2 events are missing"
    ]


def test_what_was_sent_twice_may_be_delivered_twice() -> None:
    sent = [Sent("AAPL", "1", 10), Sent("AAPL", "1", 10)]
    once = a_trade(symbol="AAPL", trade_id="1")
    assert check_history(sent, [once, once]) == []


def test_a_backfill_may_be_late_only_behind_a_filled_gap() -> None:
    late = delivered()
    late.append(late.pop(0))
    assert check_history(SENT, late) == ["AAPL '0' was delivered out of order"]
    gap = a_gap(ts_from=0, ts_to=5, filled=True)
    assert check_history(SENT, [*late[:-1], gap, late[-1]]) == []


def test_a_gap_that_was_told_as_filled_excuses_no_loss() -> None:
    heard = delivered()[2:]
    gap, filled = a_gap(ts_from=0, ts_to=5), a_gap(ts_from=0, ts_to=5, filled=True)
    assert check_history(SENT, [*heard, gap]) == []
    assert len(check_history(SENT, [*heard, gap, filled])) == 2
    assert check_history(SENT, [*heard, gap, filled, *delivered()[:2]]) == []
    assert check_history(SENT, [*heard, gap, gap, filled]) == []  # the second one was not filled
    assert len(check_history(SENT, [*heard, filled])) == 2
