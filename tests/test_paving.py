"""Paving: the stages of a lane write one function together."""

from __future__ import annotations

import linecache
import traceback
from typing import Any

import pytest

from ordinis_rx import operators as oo
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Trade
from ordinis_rx.hub import Hub
from ordinis_rx.multicast import Hot, share
from ordinis_rx.paving import Paving, way_into
from ordinis_rx.testing import a_trade


def a_paving() -> Paving:
    return Paving(Names(), Entry(Hub()))


class Times:
    """A stage that multiplies what it gets, and leaves out what is too small; or the end of a way."""

    def __init__(self, factor: int, floor: int, below: Any) -> None:
        self.factor, self.floor, self.below = factor, floor, below

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        code = "if fact < floor:\n    leave\nmade = factor * fact"
        paving.write(code, floor=self.floor, factor=self.factor)
        if callable(self.below):
            paving.write("tell(fact)", tell=self.below)
        else:
            paving.into(self.below, kind)


# What a stage writes


def test_a_traceback_shows_what_the_stages_wrote() -> None:
    paving = a_paving()
    paving.write("made = 1 / fact")
    lane = paving.lane()
    with pytest.raises(ZeroDivisionError) as raised:
        lane(0)

    shown = "".join(traceback.format_exception(raised.value))
    assert "in lane\n    fact1 = 1 / fact\n" in shown
    assert 'File "<lane ' in shown


def test_of_lanes_long_gone_no_code_is_kept() -> None:
    def shown() -> int:
        return sum(name.startswith("<lane ") for name in linecache.cache)

    for number in range(600):
        paving = a_paving()
        paving.write(f"made = fact + {number}")
        paving.lane()

    assert shown() <= 256


def test_each_stage_goes_on_with_what_the_one_before_has_made() -> None:
    told: list[int] = []
    paving = a_paving()
    paving.into(Times(2, 1, Times(3, 5, told.append)), int)  # type: ignore[arg-type]
    lane = paving.lane()
    for number in (0, 1, 2, 3):
        lane(number)

    assert told == [18]


def test_words_of_two_stages_do_not_meet_nor_do_variables_attributes_and_keywords() -> None:
    class Point:
        x = 7

    told: list[Any] = []
    paving = a_paving()
    code = "y = x(fact)\nmade = dict(x=y, y=point.x == y)"
    paving.write(code, x=lambda n: n + 1, point=Point)  # type: ignore[misc]
    paving.write("tell(x(fact))", x=sorted, tell=told.append)
    paving.write("tell(fact['x'])", tell=told.append)
    paving.lane()(6)

    assert told == [["x", "y"], 7]


def test_of_several_facts_each_goes_its_own_way() -> None:
    told: list[int] = []
    paving = a_paving()
    paving.write("told = [fact, fact + 1, fact + 2]")
    paving.into(Times(10, 2, told.append), int, of="told")  # type: ignore[arg-type]
    paving.lane()(1)

    assert told == [20, 30]


def test_what_stands_in_a_block_is_followed_by_what_comes_behind_it() -> None:
    told: list[Any] = []
    paving = a_paving()
    with paving.inside("try:", "finally:\n    tell('left')", tell=told.append):
        paving.write("tell(1 // fact)", tell=told.append)
    lane = paving.lane()
    lane(1)
    with pytest.raises(ZeroDivisionError):
        lane(0)

    assert told == [1, "left", "left"]


def test_a_block_in_which_nobody_writes_does_nothing() -> None:
    paving = a_paving()
    with paving.inside("if fact:"):
        pass
    paving.lane()("anything")
    a_paving().lane()("anything")


# What becomes of it


def test_lanes_of_the_same_code_know_different_things() -> None:
    first: list[int] = []
    second: list[int] = []
    lanes = []
    for told in (first, second):
        paving = a_paving()
        paving.write("tell(fact)", tell=told.append)
        lanes.append(paving.lane())
    lanes[0](1)
    lanes[1](2)

    assert (first, second) == ([1], [2])


def test_a_way_through_many_hubs_is_as_deep_as_it_likes() -> None:
    told: list[Trade] = []
    hot = Hot()
    stream = hot.stream.pipe(share())
    for _ in range(40):
        stream = stream.pipe(oo.trades(), share())
    stream.subscribe(told.append)
    trade = a_trade(9.0, seq=1)
    hot.push([trade])

    assert told == [trade]


def test_a_hub_with_nobody_left_is_the_end_of_the_way() -> None:
    way_into(Hub(), Trade, Names(), Entry(Hub())).lane(a_trade(9.0))
