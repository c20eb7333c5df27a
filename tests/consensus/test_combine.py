"""One price out of the entries that are left."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.consensus import AggregationMethod, ConsensusStatus, Panel, ProviderWeight, combine
from ordinis_rx.consensus.facts import Entry
from ordinis_rx.testing import through
from ordinis_rx.timebase import SECOND


def a_panel(entries: list[Entry], **more: object) -> Panel:
    known = {"scale": 1e-4, "scale2": 1e-8, **more}
    return Panel(symbol="A", ts_event=0, seq=1, entries=tuple(entries), **known)  # type: ignore[arg-type]


def combined(panel: Panel, *args: object, **options: object) -> Panel:
    (out,) = through(combine(*args, **options), [panel])  # type: ignore[arg-type]
    return out


TWO = [Entry(provider="a", price=100.0, bid=99.0, ask=101.0), Entry(provider="b", price=102.0)]


def test_what_is_excluded_is_not_used() -> None:
    entries = [
        *TWO,
        Entry(provider="c", price=500.0, bid=499.0, ask=501.0, volume=9.0, excluded=True),
    ]

    out = combined(a_panel(entries))

    assert (out.price, out.bid, out.ask) == (101.0, 99.0, 101.0)
    assert math.isnan(out.volume)
    assert out.status is ConsensusStatus.DEGRADED


def test_old_entries_weigh_less_the_more_the_price_moves() -> None:
    entries = [Entry(provider="a", price=100.0), Entry(provider="b", price=102.0, age=3 * SECOND)]
    method = AggregationMethod.WEIGHTED_MEAN

    calm, wild = (combined(a_panel(entries, volatility2=v2), method) for v2 in (0.0, 1e-8))

    assert calm.price == 101.0
    assert wild.price == pytest.approx(100.0 + 2.0 * 0.2)
    assert wild.error > calm.error


def test_weights_are_by_name() -> None:
    weights = (ProviderWeight("b", 3.0),)

    assert combined(a_panel(TWO), AggregationMethod.WEIGHTED_MEAN, weights).price == 101.5


def test_the_error_shrinks_with_more_entries() -> None:
    many = [Entry(provider=name, price=100.0) for name in "abcde"]

    assert (
        combined(a_panel(many)).error
        < combined(a_panel(many[:3])).error
        < combined(a_panel(many[:1])).error
    )


@pytest.mark.parametrize(
    ("panel", "status"),
    [
        (a_panel(TWO), "OK"),
        (a_panel(TWO, stale=("c",)), "DEGRADED"),
        (a_panel(TWO, lost=("c",)), "DEGRADED"),
        (a_panel(TWO[:1]), "DEGRADED"),
        (a_panel(TWO, disputed=True), "DISPUTED"),
        (a_panel(TWO, split=True), "NO_CONSENSUS"),
        (a_panel([]), "NO_QUORUM"),
    ],
)
def test_the_status_says_how_far_to_trust(panel: Panel, status: str) -> None:
    out = combined(panel)

    assert out.status.name == status
    assert (out.price == out.price) == (status not in ("NO_CONSENSUS", "NO_QUORUM"))


def test_the_quorum_is_enforced() -> None:
    assert combined(a_panel(TWO), min_providers=3).status is ConsensusStatus.NO_QUORUM


def test_books_that_cross_are_told() -> None:
    books = [(99.0, 100.0), (101.0, 102.0), (99.5, 101.5)]
    entries = [Entry(provider=str(k), price=100.0, bid=b, ask=a) for k, (b, a) in enumerate(books)]

    assert combined(a_panel(entries)).crossed_share == pytest.approx(1 / 3)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="min_providers must be 1 or more providers, got 0"):
        combine(min_providers=0)


def test_a_panel_of_more_than_can_be_folded_is_refused_by_name() -> None:
    many = [Entry(provider=f"p{k}", price=100.0) for k in range(63)]

    with pytest.raises(ValueError, match="panel of A has 63 entries; 62 can be folded"):
        combined(a_panel(many))
