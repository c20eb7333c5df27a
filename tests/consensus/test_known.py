"""What settings say, by code."""

from __future__ import annotations

from ordinis_rx.codes import Names
from ordinis_rx.consensus import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.known import Known
from ordinis_rx.timebase import SECOND


def named(providers: str, symbols: str) -> Names:
    names = Names()
    names.providers.bits(providers)
    names.symbols.bits(symbols)
    return names


def test_each_provider_has_a_weight_and_each_symbol_an_age() -> None:
    weights = (ProviderWeight("a", 2.0), ProviderWeight("b", enabled=False))
    known = Known(AggregationConfig(weights=weights, max_age_by_symbol={"B": SECOND}))

    known.learn(named("abc", "AB"))

    assert known.weights == [2.0, -1.0, 1.0]
    assert known.ages == [5 * SECOND, SECOND]


def test_who_comes_later_is_learnt_and_who_is_of_another_stream_is_learnt_anew() -> None:
    known = Known(AggregationConfig(weights=(ProviderWeight("c", 3.0),)))
    names = named("a", "A")
    known.learn(names)
    names.providers.bits("c")

    known.learn(names)
    assert known.weights == [1.0, 3.0]

    known.learn(named("c", ""))
    assert known.weights == [3.0]
    assert known.ages == []


def test_a_table_of_equal_numbers_is_one_number() -> None:
    known = Known(AggregationConfig(weights=(ProviderWeight("c", 3.0),)))
    names = named("ab", "AB")

    known.tabulate(names)
    assert [table.tolist() for table in known.tables] == [[1.0], [5 * SECOND]]
    assert known.fills == [1.0, 5 * SECOND]

    names.providers.bits("c")
    known.tabulate(names)
    assert [table.tolist() for table in known.tables] == [[1.0, 1.0, 3.0], [5 * SECOND]]
    assert known.fills == [None, 5 * SECOND]


def test_a_new_symbol_is_tabled_too() -> None:
    known = Known(AggregationConfig(max_age_by_symbol={"B": SECOND}))
    names = named("a", "A")
    known.tabulate(names)
    names.symbols.bits("B")

    known.tabulate(names)

    assert [table.tolist() for table in known.tables] == [[1.0], [5 * SECOND, SECOND]]


def test_tables_are_those_of_the_stream_that_was_asked_about() -> None:
    known = Known(AggregationConfig(weights=(ProviderWeight("c", 3.0),)))

    known.tabulate(named("a", "A"))
    known.tabulate(named("c", "A"))

    assert known.fills == [3.0, 5 * SECOND]
    assert known.weights == [3.0]
