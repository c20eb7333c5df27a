"""Answers only when they change."""

from __future__ import annotations

from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.typing import Operator

__all__ = ["changes"]


def changes() -> Operator[AggregatedQuote, AggregatedQuote]:
    """Leave out answers whose price, book, status, used and excluded providers are those of the symbol's last one.

    What changes in the interval, the confidence, the volume, or in who is stale or lost alone, is left out, too.

    >>> from ordinis_rx.testing import through
    >>> told = [AggregatedQuote(symbol="A", ts_event=0, price=price) for price in (1.0, 1.0, 2.0)]
    >>> [answer.price for answer in through(changes(), told)]
    [1.0, 2.0]
    """

    def make() -> Telling:
        last: dict[str, AggregatedQuote] = {}

        def changed(answer: AggregatedQuote) -> bool:
            before, last[answer.symbol] = last.get(answer.symbol), answer
            return before is None or not _same(before, answer)

        return lambda item: filter(changed, item.facts)

    return telling(make)


def _same(a: AggregatedQuote, b: AggregatedQuote) -> bool:
    return (
        a.status is b.status
        and a.providers_used == b.providers_used
        and a.outliers_excluded == b.outliers_excluded
        and all(
            x == y or (x != x and y != y) for x, y in zip(_numbers(a), _numbers(b), strict=True)
        )
    )


def _numbers(answer: AggregatedQuote) -> tuple[float, float, float]:
    return answer.price, answer.bid, answer.ask
