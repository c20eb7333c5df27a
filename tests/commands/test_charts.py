"""The charts of the demo's page: what is drawn of what was heard."""

from __future__ import annotations

import re

from ordinis_rx.commands.agreement import Agreement, Exclusion, Look
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.charts import KEYS, connections, prices
from ordinis_rx.commands.drawing import LEFT, PLOT
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Errors, Falsehood, Fault, Interval, Outcome, ProviderRow
from ordinis_rx.testing import a_gap
from ordinis_rx.timebase import SECOND, Nanos

BEGAN: Nanos = 1_000 * SECOND


def a_row(name: str) -> ProviderRow:
    return ProviderRow(
        name=name,
        status="CONNECTED",
        last=9.0,
        bid=8.9,
        ask=9.1,
        lag_ms=1.0,
        events=7,
        reconnects=1,
        gaps=1,
        errors=0,
        outlier_share=0.0,
        deviation_bps=0.0,
    )


def an_outcome(
    *providers: str, faults: tuple[Fault, ...] = (), falsehoods: tuple[Falsehood, ...] = ()
) -> Outcome:
    """Of a demo of four seconds."""
    return Outcome(
        ok=True,
        seconds=4.0,
        seed=5,
        providers=tuple(map(a_row, providers)),
        symbols=(),
        faults=faults,
        falsehoods=falsehoods,
        errors_bps=Errors(samples=0, without_price=0, median=0.0, worst=0.0),
        interval=Interval(looks=0, holds_truth=0.0, half_width_bps=0.0),
        statuses={},
        checks=(),
    )


def what_was_heard(
    *, looks: tuple[Look, ...] = (), exclusions: tuple[Exclusion, ...] = ()
) -> Heard:
    heard = Heard(Board(["p", "q"], ["A", "B"]), Agreement(["A", "B"], lambda *_: 9.0))
    heard.agreement.looks += looks
    heard.agreement.exclusions += exclusions
    return heard


def at(second: float) -> Nanos:
    return BEGAN + int(second * SECOND)


def look(second: float, symbol: str = "A", price: float = 9.0) -> Look:
    return Look(at(second), symbol, 9.0, price, 0.5)


def stretch(drawn: str, text: str) -> tuple[float, float]:
    """From when to when the box with that *text* reaches, as shares of the plot."""
    found = re.search(
        rf'<rect class="[\w-]+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+"><title>{re.escape(text)}<',
        drawn,
    )
    assert found is not None, text
    x, width = map(float, found.groups())
    return round((x - LEFT) / PLOT, 2), round((x + width - LEFT) / PLOT, 2)


def test_a_symbol_has_its_price_its_interval_and_the_truth() -> None:
    drawn = prices("A", an_outcome("p"), what_was_heard(looks=(look(0), look(2), look(4))), BEGAN)

    assert drawn.startswith("<h3>A</h3>")
    assert re.findall(r'<polyline class="(\w+)"', drawn) == ["true", "consensus"]
    assert drawn.count('<polygon class="band"') == 1


def test_looks_at_other_symbols_are_not_drawn() -> None:
    drawn = prices("A", an_outcome("p"), what_was_heard(looks=(look(0, "B"), look(4, "B"))), BEGAN)

    assert "<polyline" not in drawn


def test_a_moment_without_a_price_interrupts_the_consensus_and_not_the_truth() -> None:
    nothing = Look(at(2), "A", 9.0)
    heard = what_was_heard(looks=(look(0), look(1), nothing, look(3), look(4)))

    drawn = prices("A", an_outcome("p"), heard, BEGAN)

    assert re.findall(r'<polyline class="(\w+)"', drawn) == ["true", "consensus", "consensus"]
    assert drawn.count('<polygon class="band"') == 2


def test_an_exclusion_stands_in_the_strip_of_its_provider_until_it_ends() -> None:
    heard = what_was_heard(
        looks=(look(0), look(4)),
        exclusions=(
            Exclusion("p", "A", "outlier", at(1), at(2)),
            Exclusion("p", "B", "lost", at(0), at(4)),
            Exclusion("q", "A", "stale", at(3)),
        ),
    )

    drawn = prices("A", an_outcome("p", "q"), heard, BEGAN)

    assert stretch(drawn, "p: outlier from 1.00 s on") == (0.25, 0.5)
    assert stretch(drawn, "q: stale from 3.00 s on") == (0.75, 1.0)
    assert "p: lost" not in drawn


def test_missing_data_of_any_provider_shades_the_prices() -> None:
    heard = what_was_heard(looks=(look(0), look(4)))
    heard.board.on_next(a_gap(at(1), at(3), provider="q"))

    drawn = prices("A", an_outcome("p"), heard, BEGAN)

    assert stretch(drawn, "q: gap of 2.00 s (disconnected)") == (0.25, 0.75)
    assert 'class="shade"' in drawn


def test_a_demo_that_took_longer_is_drawn_to_its_last_look() -> None:
    heard = what_was_heard(
        looks=(look(0), look(8)), exclusions=(Exclusion("p", "A", "stale", at(4)),)
    )

    drawn = prices("A", an_outcome("p"), heard, BEGAN)

    assert stretch(drawn, "p: stale from 4.00 s on") == (0.5, 1.0)


def test_a_name_from_elsewhere_is_escaped() -> None:
    assert prices("<A>", an_outcome("p"), what_was_heard(), BEGAN).startswith("<h3>&lt;A&gt;</h3>")


def test_each_connection_has_its_gaps_its_faults_and_its_falsehoods() -> None:
    lie = Falsehood(
        at=2.0,
        until=3.0,
        provider="q",
        fault="too high",
        symbols=("A",),
        falsified=9,
        reason="outlier",
        excluded_after=0.1,
        back_after=0.1,
    )
    cut = Fault(at=1.0, provider="p", fault="cut off", gap=1.0)
    heard = what_was_heard()
    heard.board.on_next(a_gap(at(1), at(2), provider="p"))

    drawn = connections(an_outcome("p", "q", faults=(cut,), falsehoods=(lie,)), heard, BEGAN)
    of_p, of_q = re.split(r"(?=<text[^>]*>q</text>)", drawn)

    assert stretch(of_p, "p: gap of 1.00 s (disconnected)") == (0.25, 0.5)
    assert "<title>cut off at 1.0 s</title>" in of_p
    assert stretch(of_q, "too high from 2.0 s on") == (0.5, 0.75)
    assert "gap of" not in of_q


def test_every_colour_of_the_prices_has_its_key() -> None:
    kinds = re.findall(r'class="key (\w+)"', KEYS)

    assert kinds == ["consensus", "band", "true", "shade", "outlier", "stale", "lost"]
