"""Does a pipeline know the future? `check_no_lookahead` cuts the story short, and looks whether its beginning changes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain, islice, zip_longest
from typing import Any

from msgspec.structs import replace
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.checks import check_count
from ordinis_rx.events import Timed
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.identity import difference
from ordinis_rx.typing import Operator

__all__ = ["check_no_lookahead"]


def check_no_lookahead(
    pipeline: Operator[Any, Any], bars: Sequence[Any], *, cuts: int = 12, seed: int = 0
) -> int:
    """Assert that what *pipeline* tells of a moment does not depend on what happens after it; gives the number of cuts.

    The facts (bars, trades, any) are told in the order of their time, once to the end, and again up to *cuts* moments drawn
    by *seed*, by turns from the stamps of what was told and from those of the facts. Whatever is stamped (`ts_event`; of
    facts that are joined, that of the latest) up to such a moment must be the same to the last bit in both, and none of it
    missing; only `seq` and `ts_recv`, which say when it was told, may differ. What has no stamp (plain numbers) must be the
    beginning of what the whole story gives.

    Raises AssertionError that names the cut and the first difference, and ValueError where nothing comes out, or there is
    only one moment: nothing would be checked.

    >>> from ordinis_rx.operators import rolling_mean
    >>> from ordinis_rx.testing import a_bar
    >>> bars = [a_bar(close, at=at) for at, close in enumerate((3, 1, 4, 1, 5, 9))]
    >>> check_no_lookahead(rolling_mean(2, of="close"), bars, cuts=3)
    3
    """
    check_count("check_no_lookahead: cuts", cuts, "moments")
    check_given("check_no_lookahead", None, bars)
    facts = numbered(sorted(bars, key=lambda fact: fact.ts_event))
    moments = sorted({fact.ts_event for fact in facts})[:-1]
    if not moments:
        raise ValueError("check_no_lookahead wants facts of two moments at least")
    stamped, plain = _told(pipeline, facts)
    if not stamped and not plain:
        raise ValueError(f"nothing comes out of the pipeline for these {len(facts)} facts")
    stamps = {stamp for stamp, _ in stamped if moments[0] <= stamp <= moments[-1]}
    chosen = _drawn(sorted(stamps), moments, cuts, random.Random(seed))
    for cut in chosen:
        early, fewer = _told(pipeline, [fact for fact in facts if fact.ts_event <= cut])
        odd = difference(
            [fact for stamp, fact in stamped if stamp <= cut],
            [fact for stamp, fact in early if stamp <= cut],
        ) or difference(plain[: len(fewer)], fewer)
        assert not odd, (
            f"look-ahead: what is told up to {cut} depends on what comes after it: {odd}"
        )
    return len(chosen)


def _drawn(stamps: list[int], moments: list[int], cuts: int, chance: random.Random) -> list[int]:
    """So many moments, by turns of those that something is stamped with, where looking ahead shows best, and of all."""
    chance.shuffle(stamps)
    chance.shuffle(moments)
    by_turns = chain.from_iterable(zip_longest(stamps, moments))
    drawn = dict.fromkeys(moment for moment in by_turns if moment is not None)
    return sorted(islice(drawn, cuts))


def _told(
    pipeline: Operator[Any, Any], facts: list[Any]
) -> tuple[list[tuple[int, Any]], list[Any]]:
    """What comes out with a stamp, each with it, and what comes without."""
    stamped: list[tuple[int, Any]] = []
    plain: list[Any] = []
    for fact in _heard(pipeline, facts):
        stamp = _stamp_of(fact)
        if stamp is None:
            plain.append(fact)
        else:
            stamped.append((stamp, _timeless(fact)))
    return stamped, plain


def _stamp_of(value: Any) -> int | None:
    """When it was so; several facts as one were so with the last of them."""
    if not isinstance(value, tuple):
        return value.ts_event if isinstance(value, Timed) else None
    parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
    stamps = [stamp for stamp in map(_stamp_of, parts) if stamp is not None]
    return max(stamps, default=None)


def _heard(pipeline: Operator[Any, Any], facts: list[Any]) -> list[Any]:
    """All that comes out, in virtual time, so that a pipeline with timers waits for nothing."""
    heard: list[Any] = []
    errors: list[Exception] = []
    clock = VirtualTimeScheduler()
    from_events(facts).pipe(pipeline).subscribe(heard.append, errors.append, scheduler=clock)
    clock.start()
    for error in errors:
        raise error
    return heard


def _timeless(value: Any) -> Any:
    """*value* without the marks of when it was told, and so the facts within it."""
    if isinstance(value, tuple):
        parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
        return tuple(map(_timeless, parts))
    if not isinstance(value, Timed):
        return value
    fact: Any = value
    within = {
        name: _timeless(getattr(fact, name))
        for name in fact.__struct_fields__
        if isinstance(getattr(fact, name), tuple)
    }
    return replace(fact, seq=0, ts_recv=0, **within)
