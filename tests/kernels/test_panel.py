"""Slots of a panel in flat columns."""

from __future__ import annotations

import math

from ordinis_rx.kernels.panel import (
    CODE,
    ENTRY,
    FRESH,
    LOST,
    STALE,
    STAMP,
    VOLUME,
    close_up,
    fresh,
    lose,
    slot_of,
    write_quote,
    write_trade,
)

START = 2  # slots of another symbol before ours
ENTRY_AT, STAMP_AT = START * ENTRY, START * STAMP


def columns() -> tuple[list[float], list[int]]:
    return [7.0] * (6 * ENTRY), [0] * (6 * STAMP)


def test_a_provider_has_the_slot_with_its_number() -> None:
    _, stamp = columns()
    for slot, code in enumerate((5, 3)):
        stamp[STAMP_AT + slot * STAMP + CODE] = code

    assert [slot_of(stamp, STAMP_AT, 2, code) for code in (5, 3, 4)] == [0, 1, 2]


def test_an_older_word_does_not_replace_a_newer_one() -> None:
    entry, stamp = columns()

    assert write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 5, 10.0, 9.0, 11.0)
    assert not write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 4, 20.0, 19.0, 21.0)
    assert write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 5, 30.0, 29.0, 31.0)
    assert entry[ENTRY_AT] == 30.0
    assert entry[:ENTRY_AT] == [7.0] * ENTRY_AT


def test_a_trade_adds_its_size_even_when_it_is_late() -> None:
    entry, stamp = columns()
    entry[ENTRY_AT + VOLUME] = 0.0
    for ts, size in ((5, 2.0), (4, 3.0), (6, math.nan), (7, -1.0)):
        write_trade(entry, ENTRY_AT, stamp, STAMP_AT, ts, 10.0, size)

    assert entry[ENTRY_AT + VOLUME] == 5.0


def gathered(now: int, lost: tuple[int, ...] = ()) -> tuple[list[int], list[float], list[int]]:
    entry, stamp = columns()
    write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 0, 10.0, 9.0, 11.0)
    write_trade(entry, ENTRY_AT, stamp, STAMP_AT, 4, 10.5, 1.0)
    write_trade(entry, ENTRY_AT + ENTRY, stamp, STAMP_AT + STAMP, 3, 20.0, 1.0)
    for slot in lost:
        assert lose(stamp, STAMP_AT + slot * STAMP)
        assert not lose(stamp, STAMP_AT + slot * STAMP)
    standing, slot, age = [9] * 2, [9] * 2, [9] * 2
    price, bid, ask = [0.0] * 2, [0.0] * 2, [0.0] * 2
    n = fresh(entry, ENTRY_AT, stamp, STAMP_AT, 2, now, 5, standing, slot, price, bid, ask, age)
    return standing, price[:n], age[:n]


def test_a_fresh_quote_goes_before_a_trade() -> None:
    assert gathered(5) == ([FRESH, FRESH], [10.0, 20.0], [5, 2])
    assert gathered(6) == ([FRESH, FRESH], [10.5, 20.0], [2, 3])


def test_what_is_old_is_stale_and_what_was_lost_is_lost() -> None:
    assert gathered(9) == ([FRESH, STALE], [10.5], [5])
    assert gathered(5, lost=(0,)) == ([LOST, FRESH], [20.0], [2])


def test_what_comes_from_the_future_is_new() -> None:
    assert gathered(-50)[2] == [0, 0]


def test_a_slot_that_is_taken_out_leaves_no_hole() -> None:
    column = [1, 1, 2, 2, 3, 3, 9]

    close_up(column, 0, 2, 1, 3)

    assert column == [1, 1, 3, 3, 0, 0, 9]
