from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Field
from ordinis_rx.translation import Translation

words = st.lists(st.text(max_size=2), min_size=1, max_size=5)
SYMBOL, PROVIDER = Field("symbol", "i"), Field("provider", "i")
SET = Field("providers_used", "i", many=True)


@given(words, words, st.booleans())
def test_codes_of_one_stream_name_the_same_in_another(
    theirs: list[str], ours: list[str], symbols: bool
) -> None:
    one, other = Names(), Names()
    a, b = (one.symbols, other.symbols) if symbols else (one.providers, other.providers)
    codes = np.array([a[word] for word in theirs])
    _ = [b[word] for word in ours]

    made = Translation(one, other).column(SYMBOL if symbols else PROVIDER, codes)

    assert [b.words[code] for code in made.tolist()] == theirs


@given(st.lists(words, min_size=1, max_size=4), words)
def test_sets_of_providers_hold_the_same_names(theirs: list[list[str]], ours: list[str]) -> None:
    one, other = Names(), Names()
    bits = np.array([one.providers.bits(named) for named in theirs])
    _ = other.providers.bits(ours)

    made = Translation(one, other).column(SET, bits)

    told = [set(other.providers.words.sets[each]) for each in made.tolist()]
    assert told == list(map(set, theirs))


def test_words_that_come_later_are_learnt() -> None:
    one, other = Names(), Names()
    translation = Translation(one, other)

    for word in ("x", "y", "z"):
        code = np.array([one.symbols[word]])
        (made,) = translation.column(SYMBOL, code).tolist()
        assert other.symbols.words[made] == word


def test_only_codes_are_concerned() -> None:
    fields = [SYMBOL, PROVIDER, SET, Field("seq", "i"), Field("side", "i", ("BUY", "SELL"))]

    assert [Translation.concerns(field) for field in fields] == [True, True, True, False, False]
