"""Slots of a panel in flat columns."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    AGES,
    BIDS,
    FRESH,
    LEVELS,
    LOST_SET,
    NUMBERS,
    REALS,
    REPORTER,
    SLOT_OF,
    SPOILS_AT,
    STALE_SET,
    USED_SET,
    WIDE,
)
from ordinis_rx.kernels.panel import (
    CODE,
    ENTRY,
    MID,
    SEEN_AT,
    STAMP,
    VOLUME,
    close_up,
    fresh,
    lose,
    slot_of,
    write_quote,
    write_trade,
)

AT = 3
"""The answer that the words are gathered for."""

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

    assert write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 5, 9, 10.0, 9.0, 11.0)
    assert not write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 4, 5, 20.0, 19.0, 21.0)
    assert write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 5, 9, 30.0, 29.0, 31.0)
    assert entry[ENTRY_AT + MID] == 30.0
    assert entry[:ENTRY_AT] == [7.0] * ENTRY_AT


def test_a_trade_adds_its_size_even_when_it_is_late() -> None:
    entry, stamp = columns()
    entry[ENTRY_AT + VOLUME] = 0.0
    for ts, size in ((5, 2.0), (4, 3.0), (6, math.nan), (7, -1.0)):
        write_trade(entry, ENTRY_AT, stamp, STAMP_AT, ts, 9, 10.0, size)

    assert entry[ENTRY_AT + VOLUME] == 5.0


def test_a_word_of_a_time_that_is_still_to_come_makes_room_for_any() -> None:
    entry, stamp = columns()
    write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 5000, 5000, 10.0, 9.0, 11.0)
    write_trade(entry, ENTRY_AT, stamp, STAMP_AT, 5000, 5000, 10.0, 1.0)

    # The clock was wrong, and has been set back.
    assert write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 7, 8, 20.0, 19.0, 21.0)
    assert write_trade(entry, ENTRY_AT, stamp, STAMP_AT, 6, 8, 20.0, 1.0)
    assert stamp[STAMP_AT + SEEN_AT] == 7
    assert not write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 6, 8, 30.0, 29.0, 31.0)


def gathered(
    now: int, lost: tuple[int, ...] = (), mine: int = 1
) -> tuple[list[int], list[float], list[float], list[int]]:
    """Slots, prices and ages of those that are fresh, and who is missing."""
    entry, stamp = columns()
    write_quote(entry, ENTRY_AT, stamp, STAMP_AT, 0, 4, 10.0, 9.0, 11.0)
    write_trade(entry, ENTRY_AT, stamp, STAMP_AT, 4, 4, 10.5, 1.0)
    write_trade(entry, ENTRY_AT + ENTRY, stamp, STAMP_AT + STAMP, 3, 4, 20.0, 1.0)
    stamp[STAMP_AT + CODE], stamp[STAMP_AT + STAMP + CODE] = 0, 5
    for slot in lost:
        assert lose(stamp, STAMP_AT + slot * STAMP)
        assert not lose(stamp, STAMP_AT + slot * STAMP)
    lane, number = [7.0] * REALS, [9] * NUMBERS
    n = fresh(entry, ENTRY_AT, stamp, STAMP_AT, 2, now, 5, mine, lane, number, AT)
    slot = [number[SLOT_OF + g * WIDE + AT] for g in range(n)]
    price, age, bid = (
        [lane[row + g * WIDE + AT] for g in range(n)] for row in (LEVELS, AGES, BIDS)
    )
    standing = [number[row + AT] for row in (STALE_SET, LOST_SET, SPOILS_AT)]
    assert number[FRESH + AT] == n
    assert number[REPORTER + AT] == (slot.index(mine) if mine in slot else -1)
    assert number[USED_SET + AT] == sum((1, 32)[each] for each in slot)
    assert all(math.isnan(bid[g]) == (price[g] != 10.0) for g in range(n))
    return slot, price, age, standing


NEVER = (1 << 62) - 1


def test_a_fresh_quote_goes_before_a_trade() -> None:
    assert gathered(5) == ([0, 1], [10.0, 20.0], [5, 2], [0, 0, 5])
    assert gathered(6) == ([0, 1], [10.5, 20.0], [2, 3], [0, 0, 8])


def test_what_is_old_is_stale_and_what_was_lost_is_lost() -> None:
    assert gathered(9) == ([0], [10.5], [5], [32, 0, 9])
    assert gathered(10) == ([], [], [], [33, 0, NEVER])
    assert gathered(5, lost=(0,)) == ([1], [20.0], [2], [0, 1, 8])


def test_what_is_newer_than_the_clock_is_not_fresh() -> None:
    assert gathered(-50)[3] == [33, 0, NEVER]
    assert gathered(3)[:3] == ([0, 1], [10.0, 20.0], [3, 0])


def test_a_slot_that_is_taken_out_leaves_no_hole() -> None:
    column = [1, 1, 2, 2, 3, 3, 9]

    close_up(column, 0, 2, 1, 3)

    assert column == [1, 1, 3, 3, 0, 0, 9]
