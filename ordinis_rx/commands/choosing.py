"""Which bars of a file are looked at: each as it was told last, in the order of time, of one length and of one provider."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ordinis_rx.errors import OrdinisError
from ordinis_rx.events import Bar
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND, Nanos

__all__ = ["bars_to_look_at", "in_words", "length_of"]

_SOME = 5


def bars_to_look_at(bars: Sequence[Bar], interval: Nanos, provider: str | None) -> list[Bar]:
    """The bars of each symbol, in the order in which symbols came, and then in that of time; of *provider* alone, if named.

    Of bars told again the highest revision counts. Where those of a symbol overlap, those as long as *interval* are meant;
    raises `OrdinisError` where they overlap all the same, or several providers tell them: both mixed mean nothing.

    >>> from ordinis_rx.testing import a_bar
    >>> first, last = a_bar(1.0, at=10, interval=10), a_bar(2.0, at=20, interval=10)
    >>> again = a_bar(3.0, at=20, interval=10, revision=1)
    >>> [bar.close for bar in bars_to_look_at([last, first, again], 10, None)]
    [1.0, 3.0]
    """
    if provider is not None:
        known = ", ".join(sorted({bar.provider for bar in bars} - {""}))
        bars = [bar for bar in bars if bar.provider == provider]
        if not bars:
            there = f"; there are those of {known}" if known else ": none of them names a provider"
            raise OrdinisError(f"no bars are of {provider!r}{there}")
    chosen: list[Bar] = []
    for symbol in dict.fromkeys(bar.symbol for bar in bars):
        mine = _as_told_last(bar for bar in bars if bar.symbol == symbol)
        chosen += _of_one_kind(symbol, mine, interval) if _overlap(mine) else mine
    return chosen


def _as_told_last(bars: Iterable[Bar]) -> list[Bar]:
    last: dict[tuple[str, Nanos, Nanos], Bar] = {}
    for bar in bars:
        key = bar.provider, bar.interval, bar.ts_event
        before = last.get(key)
        if before is None or bar.revision >= before.revision:
            last[key] = bar
    return sorted(last.values(), key=lambda bar: (bar.ts_event, bar.seq))


def _overlap(bars: Sequence[Bar]) -> bool:
    return any(bar.ts_open < before.ts_event for before, bar in pairwise(bars))


def _of_one_kind(symbol: str, bars: list[Bar], interval: Nanos) -> list[Bar]:
    tellers = sorted({bar.provider for bar in bars})
    if len(tellers) > 1:
        raise OrdinisError(
            f"bars of {symbol} are told by {', '.join(tellers)}: say whose, as in --provider {tellers[0]}"
        )
    same = [bar for bar in bars if bar.interval == interval]
    if not same or _overlap(same):
        lengths = sorted({bar.interval for bar in bars})
        told = ", ".join(map(in_words, lengths[:_SOME]))
        sayable = (length for length in lengths if length % SECOND == 0 and length != interval)
        hint = next((f": say which, as in --interval {in_words(one)}" for one in sayable), "")
        raise OrdinisError(f"bars of {symbol} overlap, and are {told} long{hint}")
    return same


def length_of(bars: Sequence[Bar]) -> str:
    """How long *bars* are, as a timeframe; a minute where they differ, or are no whole seconds, one at least.

    >>> from ordinis_rx.testing import a_bar
    >>> length_of([a_bar(1.0, at=DAY, interval=HOUR)])
    '1h'
    """
    lengths = {bar.interval for bar in bars}
    fits = len(lengths) == 1 and all(length > 0 == length % SECOND for length in lengths)
    return in_words(lengths.pop() if fits else MINUTE)


def in_words(length: Nanos) -> str:
    """A length as a timeframe, or in nanoseconds where it is none."""
    for unit, size in (("w", 7 * DAY), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        if length % size == 0:
            return f"{length // size}{unit}"
    return f"{length} ns"
