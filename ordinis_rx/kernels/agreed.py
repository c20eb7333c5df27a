"""What providers agree on, as a quote. An answer without a price, or without a book, makes none."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Layout, floats, ints

__all__ = ["OF_BOOK", "OF_PRICE", "of_book", "of_price"]

OF_PRICE = Layout(reads="price:f", writes="row:i bid:f ask:f")
PRICE, ROW, BID, ASK = OF_PRICE.slots

OF_BOOK = Layout(reads="bid:f ask:f", writes="row:i bid:f ask:f")
BOOK_BID, BOOK_ASK, BOOK_ROW, BID_TO, ASK_TO = OF_BOOK.slots


def of_price(n: int, call: Any) -> int:
    """The price is bid and ask."""
    price, row = floats(call, PRICE), ints(call, ROW)
    bid, ask = floats(call, BID), floats(call, ASK)
    written = 0
    for i in range(n):
        if price[i] == price[i]:
            row[written], bid[written], ask[written] = i, price[i], price[i]
            written += 1
    return written


def of_book(n: int, call: Any) -> int:
    """The median bid and the median ask."""
    book_bid, book_ask, row = floats(call, BOOK_BID), floats(call, BOOK_ASK), ints(call, BOOK_ROW)
    bid, ask = floats(call, BID_TO), floats(call, ASK_TO)
    written = 0
    for i in range(n):
        if book_bid[i] == book_bid[i] and book_ask[i] == book_ask[i]:
            row[written], bid[written], ask[written] = i, book_bid[i], book_ask[i]
            written += 1
    return written
