"""Words as numbers, and sets of them as integers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import MOST_PROVIDERS, Codes


def test_a_word_keeps_the_number_it_was_given_first() -> None:
    codes = Codes()

    assert [codes[word] for word in ("MSFT", "", "MSFT", "Ünïcode")] == [0, 1, 0, 2]
    assert codes.words == ["MSFT", "", "Ünïcode"]


@pytest.mark.parametrize("word", [7, None, b"A", ("A",)])
def test_what_is_no_text_is_given_no_number(word: Any) -> None:
    codes = Codes()

    with pytest.raises(TypeError, match="a symbol or provider must be a text, got "):
        codes[word]

    assert (codes, codes.words) == ({}, [])


@given(st.lists(st.text(max_size=4), max_size=30))
def test_words_and_codes_are_each_others_inverse(words: list[str]) -> None:
    codes = Codes()

    assert [codes.words[codes[word]] for word in words] == words
    assert len(codes.words) == len(set(words))


def test_a_set_of_words_is_an_integer_and_reads_back_sorted() -> None:
    codes = Codes()

    bits = codes.bits(["polygon", "alpaca", "polygon"])

    assert bits == 0b11
    assert codes.words.sets[bits] == ("alpaca", "polygon")
    assert codes.words.sets[0] == ()


def test_a_word_too_many_for_a_set_is_named() -> None:
    codes = Codes()
    _ = codes.bits([f"p{n}" for n in range(MOST_PROVIDERS)])

    with pytest.raises(ValueError, match="holds the first 62 of a stream, 'late' is number 63"):
        codes.bits(["late"])


def test_however_many_sets_are_asked_for_few_thousand_are_kept() -> None:
    codes = Codes()
    words = [f"p{n:02}" for n in range(14)]
    _ = codes.bits(words)
    sets = codes.words.sets

    for bits in range(1 << 14):
        assert sets[bits] == tuple(word for n, word in enumerate(words) if bits >> n & 1)
        assert len(sets) <= 4096

    assert sets[0b101] == ("p00", "p02")
