"""Single columns on their way to Arrow and back; whole tables are tested with `tables`."""

from __future__ import annotations

import numpy as np
import pytest

from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Side
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal.arrow_columns import CodeMaps, column_of

pa = pytest.importorskip("pyarrow")


def test_maps_of_dictionaries_are_not_kept_for_ever() -> None:
    maps = CodeMaps()
    for n in range(1000):
        column = pa.DictionaryArray.from_arrays([0], [str(n)])
        maps.write("symbol", column, int, np.empty(1, np.int64))
    assert len(maps._known) < 300


def test_a_part_without_rows_is_read_as_none() -> None:
    price = column_of(TradeFrame.schema.fields["price"], {"price": float})
    none = np.empty(0)

    price.from_arrow(price.to_arrow(none, Names()), none, Names(), CodeMaps())

    assert none.tolist() == []


def test_a_place_beyond_the_dictionary_is_taken_for_its_last_word() -> None:
    words = pa.array(["0", "1"])
    beyond = pa.DictionaryArray.from_arrays(pa.array([1, 2, -1], pa.int32()), words, safe=False)
    codes = np.empty(3, np.int64)

    CodeMaps().write("symbol", beyond, int, codes)

    assert codes.tolist() == [1, 1, 0]


def test_symbols_are_coded_by_the_stream_that_reads_them() -> None:
    symbol = column_of(TradeFrame.schema.fields["symbol"], {"symbol": str})
    theirs, ours, codes = Names(), Names(), CodeMaps()
    values = [theirs.symbols[word] for word in ("A", "B", "A")]
    _ = ours.symbols["B"]

    told = symbol.to_arrow(np.array(values), theirs)
    back = np.empty(3, np.int64)
    symbol.from_arrow(told, back, ours, codes)

    assert told.to_pylist() == ["A", "B", "A"]
    assert [ours.symbols.words[code] for code in back] == ["A", "B", "A"]


def test_members_that_are_not_known_here_are_named_where_a_row_has_one() -> None:
    side = column_of(TradeFrame.schema.fields["side"], {"side": Side})
    words = pa.array(["SELL", "SHORT"])
    back = np.empty(2, np.int64)

    side.from_arrow(pa.DictionaryArray.from_arrays([0, 0], words), back, Names(), CodeMaps())
    assert back.tolist() == [list(Side).index(Side.SELL)] * 2
    with pytest.raises(JournalError, match="has the side 'SHORT', which is not known here: update"):
        side.from_arrow(pa.DictionaryArray.from_arrays([0, 1], words), back, Names(), CodeMaps())
