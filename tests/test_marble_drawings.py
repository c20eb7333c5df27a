"""The marble diagrams of the documentation show what the operators do: each is played, and what comes is what is drawn."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.testing import a_bar, a_heartbeat, a_quote, a_trade
from ordinis_rx.testing.marbles import Heard, cold, parsed

ROOT = Path(__file__).resolve().parent.parent

FACT = re.compile(
    r"((?P<symbol>[A-Z]+) )?(?P<number>[\d.]+)(/(?P<ask>[\d.]+))?( x(?P<size>\d+))?( #(?P<id>\w+))?( @(?P<at>\d+))?"
)
KINDS = {"trades", "quotes", "bars", "events"}
"""Rows of other names are named after the provider."""


def extension(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "_ext" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drawings = extension("drawing")
FILES = sorted(drawings.DRAWINGS.glob("*.txt"))


def fact_of(row: Any, tick: int, text: str) -> Any:
    """The fact that a marble stands for: a heartbeat, a trade, a quote, or a bar by its close."""
    provider = "" if row.name in KINDS else row.name
    if text == "beat":
        return a_heartbeat(at=tick * ox.SECOND)
    said = FACT.fullmatch(text)
    assert said is not None, f"{text!r} is no fact"
    number = float(said["number"])
    origin: dict[str, Any] = {
        "at": int(said["at"] or tick) * ox.SECOND,
        "symbol": said["symbol"] or "A",
        "provider": provider,
        "ts_recv": tick * ox.SECOND,
    }
    if said["ask"]:
        return a_quote(number, float(said["ask"]), **origin)
    if row.name == "bars":
        (first, _), (second, _), *_ = row.told
        return a_bar(number, interval=(second - first) * ox.SECOND, **origin)
    return a_trade(number, size=float(said["size"] or 1), trade_id=said["id"] or "", **origin)


def shown(value: Any) -> str:
    """What is written on the marble of whatever an operator tells."""
    match value:
        case list() | tuple():
            return " + ".join(map(shown, value))
        case ox.Trade():
            size = "" if value.size == 1 else f" x{value.size:g}"
            number = f" #{value.trade_id}" if value.trade_id else ""
            text = f"{value.price:g}{size}{number}"
        case ox.Quote():
            text = f"{value.bid:g}/{value.ask:g}"
        case ox.Bar():
            prices = (value.open, value.high, value.low, value.close)
            text = " ".join(f"{n:g}" for n in (prices if len({*prices}) > 1 else prices[:1]))
        case ox.Reading():
            text = " ".join(f"{round(n, 2):g}" for n in value.values or (value.value,))
        case ox.AggregatedQuote():
            price = f"{value.price:g} " if value.has_price else ""
            text = price + value.status.value
        case oo.Latest():
            text = ", ".join(f"{name} {shown(quote)}" for name, quote in value.quotes.items())
        case _:
            text = value.name
    symbol = getattr(value, "symbol", "")
    return text if symbol in ("A", "") else f"{symbol} {text}"


def played(drawing: Any) -> dict[str, list[Heard]]:
    """What comes out of the code of *drawing* when its upper rows go in, by the names of its lower rows."""
    scheduler = VirtualTimeScheduler()
    names: dict[str, Any] = {**vars(oo), **vars(ox), "ops": ops}
    for row in drawing.ins:
        letters = {
            letter: fact_of(row, tick, row.legend[letter])
            for tick, letter in parsed(row.marks)
            if letter in row.legend
        }
        names[row.name] = cold(row.marks, letters)
    exec(drawing.code, names)
    heard: dict[str, list[Heard]] = {row.name: [] for row in drawing.outs}

    def listen(name: str, told: list[Heard]) -> None:
        def now() -> int:
            return int(scheduler.to_seconds(scheduler.now))

        source: Observable[Any] = names[name]
        source.subscribe(
            lambda value: told.append((now(), value)),
            lambda error: told.append((now(), error)),
            lambda: told.append((now(), "|")),
            scheduler=scheduler,
        )

    for name, told in reversed(heard.items()):  # what is left out is told while the rest runs
        listen(name, told)
    scheduler.advance_to(max(len(row.marks) for row in drawing.ins) + 1)
    return heard


def as_drawn(heard: list[Heard], row: Any) -> list[Heard]:
    """*heard* as marbles; a moment is written on those that are drawn with one."""
    told = []
    dated = any("@" in text for text in row.legend.values())
    for tick, value in heard:
        if isinstance(value, str | Exception):
            told.append((tick, value))
        else:
            told.append(
                (tick, shown(value) + (f" @{value.ts_event // ox.SECOND}" if dated else ""))
            )
    return told


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_drawing_shows_what_comes_out(path: Path) -> None:
    drawing = drawings.read(path.read_text("utf-8"))

    heard = played(drawing)

    for row in drawing.outs:
        assert as_drawn(heard[row.name], row) == row.told, row.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_drawing_can_be_drawn_and_shows_every_marble(path: Path) -> None:
    drawing = drawings.read(path.read_text("utf-8"))

    picture = drawings.svg(drawing, path.stem)

    rows = [*drawing.ins, *drawing.outs]
    drawn = sum(len([what for _, what in row.told if what != "|"]) for row in rows)
    assert picture.count('class="in" x') + picture.count('class="out" x') == 2 * drawn
    assert "<script" not in picture


def test_a_drawing_that_lies_is_found_out() -> None:
    drawing = drawings.read(
        "trades  a-b|  a=1  b=2\n\nmsft = trades.pipe(mid())\n\nmsft  a--|  a=1"
    )

    heard = played(drawing)["msft"]

    assert as_drawn(heard, drawing.outs[0]) != drawing.outs[0].told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("trades  a|  a=1\n\nx = trades", "three paragraphs"),
        ("trades  ab|  a=1\n\nx = trades\n\nx  |", "nothing says what"),
        ("trades  ab|  a=1000  b=2000\n\nx = trades\n\nx  |", "lies on what is before it"),
    ],
)
def test_a_drawing_that_nobody_can_read_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        drawings.svg(drawings.read(text), "x")
