"""What is not confirmed: in which order, since which asking, and whose data are missing because of it."""

from __future__ import annotations

from ordinis_rx.providers.protocol import Topic
from ordinis_rx.unconfirmed import Unconfirmed

A, B, C = (Topic("trades", symbol) for symbol in "ABC")
QUOTES = Topic("quotes", "A")


def in_force(*topics: Topic) -> Unconfirmed:
    """Where *topics* were in force before."""
    unconfirmed = Unconfirmed(str.lower)
    for topic in topics:
        unconfirmed.confirm(topic)
    return unconfirmed


def test_the_oldest_come_first_and_what_is_to_be_asked_for_again_comes_last() -> None:
    unconfirmed = in_force()
    unconfirmed.lapse(C)
    unconfirmed.ask([A], 1)
    unconfirmed.ask([B], 2)
    assert unconfirmed.give_up([A, B, C], 1) == [A]
    assert (list(unconfirmed), len(unconfirmed)) == ([A, B, C], 3)
    assert unconfirmed.oldest(5) == [A, B]
    assert unconfirmed.oldest(1) == [A]
    assert all(topic in unconfirmed for topic in (A, B, C))
    assert (unconfirmed.has_given_up(A), unconfirmed.has_lapsed(C)) == (True, True)


def test_what_is_given_up_is_not_awaited_and_what_has_lapsed_is() -> None:
    unconfirmed = in_force()
    unconfirmed.ask([A], 1)
    assert unconfirmed.awaited
    unconfirmed.give_up([A], 1)
    assert not unconfirmed.awaited
    unconfirmed.lapse(B)
    assert unconfirmed.awaited
    unconfirmed.confirm(B)
    assert not unconfirmed.awaited
    assert A in unconfirmed


def test_a_symbol_is_mute_until_the_last_of_its_topics_that_were_in_force_is_confirmed() -> None:
    unconfirmed = in_force(A, QUOTES)
    unconfirmed.ask([A, QUOTES, B], 1)
    unconfirmed.give_up([A, QUOTES, B], 1)
    assert (list(unconfirmed.mute), list(unconfirmed.turned)) == (["a"], ["a"])
    unconfirmed.turned.clear()
    unconfirmed.confirm(A)
    assert (list(unconfirmed.mute), list(unconfirmed.turned)) == (["a"], [])
    unconfirmed.confirm(QUOTES)
    assert (list(unconfirmed.mute), list(unconfirmed.turned)) == ([], ["a"])


def test_what_counts_as_never_in_force_or_is_of_another_connection_is_not_mute() -> None:
    for end in (lambda mine: mine.forget([A]), lambda mine: mine.clear()):
        unconfirmed = in_force(A)
        unconfirmed.ask([A], 1)
        unconfirmed.give_up([A], 1)
        unconfirmed.turned.clear()
        end(unconfirmed)
        assert (list(unconfirmed.mute), list(unconfirmed.turned)) == ([], ["a"])


def test_a_new_connection_remembers_what_was_in_force() -> None:
    unconfirmed = in_force(A)
    unconfirmed.ask([A], 1)
    unconfirmed.clear()
    assert not unconfirmed
    unconfirmed.ask([A], 2)
    unconfirmed.give_up([A], 2)
    assert list(unconfirmed.mute) == ["a"]
