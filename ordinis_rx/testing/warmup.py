"""How much do results depend on where a story begins? `check_warmup` begins it later and later, and measures."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ordinis_rx.checks import check_not_negative
from ordinis_rx.stream import numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.warmup_stories import Compared, Places, compared, is_known, results
from ordinis_rx.timebase import check_whole
from ordinis_rx.typing import Operator

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["WarmUp", "WarmUpReport", "check_warmup"]


class WarmUp(msgspec.Struct, frozen=True):
    """A row of a `WarmUpReport`: of one field of the results, after how many facts it is known, and settled."""

    field: str
    """Its name, ``"value"`` say."""
    first_known: int
    """Facts from the beginning to the first value that is known, at most over all beginnings; -1 where it never was."""
    settles_after: int
    """Facts from a beginning until it stays within the tolerance of what the whole story says; -1 where it did not."""
    worst: float
    """The largest difference at the end of the story, in proportion to the value; inf where only one of the two is known."""


class WarmUpReport(msgspec.Struct, frozen=True):
    """What `check_warmup` found, a row a field; ``print(report)`` or a notebook shows it."""

    facts: int
    """How many facts the whole story has."""
    starts: tuple[int, ...]
    """At which facts, by their number, the story was begun again."""
    tolerance: float
    """How far two numbers may differ, in proportion, and still agree."""
    fields: tuple[WarmUp, ...]
    """A row for each field of the results."""

    def of(self, field: str) -> WarmUp:
        """The row of *field*; raises KeyError that lists what there is."""
        for row in self.fields:
            if row.field == field:
                return row
        raise KeyError(
            f"no field {field!r}; there are {' '.join(row.field for row in self.fields)}"
        )

    @property
    def settled(self) -> bool:
        """Whether every field settled from every beginning."""
        return all(row.settles_after >= 0 for row in self.fields)

    @property
    def settles_after(self) -> int:
        """How many facts to throw away at the beginning, so that no field depends on it; -1 where one always does."""
        return max((row.settles_after for row in self.fields), default=0) if self.settled else -1

    def __str__(self) -> str:
        """A line a field."""
        lines = [
            f"{row.field}: known after {row.first_known}, "
            + (f"settled after {row.settles_after}" if row.settles_after >= 0 else "never settled")
            + f", off by {row.worst:.2g} at the end"
            for row in self.fields
        ]
        return "\n".join(lines)

    def __rich__(self) -> Table:
        """As a table."""
        from rich.table import Table

        table = Table(title=f"Warm-up over {self.facts:,} facts, {len(self.starts)} beginnings")
        table.add_column("field")
        for name in ("known after", "settled after", "off at the end"):
            table.add_column(name, justify="right")
        for row in self.fields:
            settled = str(row.settles_after) if row.settles_after >= 0 else "never"
            table.add_row(row.field, str(row.first_known), settled, f"{row.worst:.2g}")
        return table


def check_warmup(
    pipeline: Operator[Any, Any],
    bars: Sequence[Any],
    *,
    starts: int = 5,
    tolerance: float = 1e-9,
) -> WarmUpReport:
    """How the results of *pipeline* depend on where the facts begin: a report, by field of what comes out.

    The story is told whole, and from *starts* later beginnings, spread over its first half. Results of one symbol, time and
    name are compared: they agree where words are equal, and numbers differ by at most *tolerance* in proportion (NaN agrees
    with NaN). A result counts as told with the last fact of its symbol up to its time. Of several symbols and names the
    worst is told; one that falls silent, as a rare pattern does, says nothing of the end. A moving average of n bars settles
    after n; an exponential one slowly; a running total never.

    Raises ValueError where nothing with a time comes out, where all of that lies before the later beginnings, so that
    nothing would be compared, or where there are fewer facts than twice the beginnings.

    >>> from ordinis_rx.operators import ema, rolling_mean
    >>> from ordinis_rx.testing import a_bar
    >>> bars = [a_bar(100 + at % 7, at=at) for at in range(200)]
    >>> check_warmup(rolling_mean(5, of="close"), bars).settles_after
    5
    >>> 10 < check_warmup(ema(span=3, of="close"), bars).of("value").settles_after < 60
    True
    """
    check_not_negative("check_warmup: tolerance", tolerance)
    check_whole("check_warmup: starts", starts, "beginnings")
    check_given("check_warmup", None, bars)
    facts = numbered(bars)
    if starts < 1 or len(facts) < 2 * starts:
        raise ValueError(
            f"check_warmup: {starts} beginnings want {2 * starts} facts or more, got {len(facts)}"
        )
    begins = tuple(len(facts) // 2 * k // starts for k in range(1, starts + 1))
    whole = results(pipeline, facts)
    if not whole:
        raise ValueError(f"nothing with a time comes out of the pipeline for {len(facts)} facts")
    names = list(dict.fromkeys(name for fields in whole.values() for name in fields))
    tales = [(begin, results(pipeline, facts[begin:])) for begin in begins]
    places = Places(facts)
    stories = [story for begin, tale in tales for story in compared(whole, begin, tale, places)]
    if not stories:
        raise ValueError("check_warmup: all that comes out lies before the later beginnings")
    rows = [_row(name, stories, tolerance) for name in names]
    return WarmUpReport(len(facts), begins, tolerance, tuple(rows))


def _row(field: str, stories: Sequence[Compared], tolerance: float) -> WarmUp:
    """The worst of all symbols, names and beginnings; one that nobody knows anything of says nothing."""
    settles_after, worst = 0, 0.0
    stories = [story for story in stories if story.has(field)]
    # Of several names of one symbol the first one counts: most signals and patterns are rare.
    first_told: dict[tuple[int, str], int] = {}
    first_known: dict[tuple[int, str], float] = {}
    for story in stories:
        pairs = [
            (one.get(field), other.get(field))
            for one, other in zip(story.whole, story.tale, strict=True)
        ]
        gaps = [_gap(one, other) for one, other in pairs]
        off = [at for at, gap in enumerate(gaps) if gap > tolerance]
        tells_nothing = gaps[-1] > tolerance and story.falls_silent
        if not tells_nothing:
            worst = max(worst, gaps[-1])
        if gaps[-1] > tolerance and not tells_nothing:
            settles_after = -1
        elif off and settles_after >= 0:
            settles_after = max(settles_after, story.next_told(story.places[off[-1]]))
        if story.is_cut or off:  # a symbol that begins later does not hang on the beginning
            known = [
                place for place, (_, v) in zip(story.places, pairs, strict=True) if is_known(v)
            ]
            of = story.of
            first_told[of] = min(first_told.get(of, story.places[0]), story.places[0])
            first_known[of] = min(first_known.get(of, math.inf), *known, math.inf)
    if not stories:
        return WarmUp(field, -1, -1, worst)
    latest = max(first_known.values(), default=0)
    if settles_after >= 0:
        settles_after = max(settles_after, *first_told.values(), 0)
    return WarmUp(field, int(latest) if latest < math.inf else -1, settles_after, worst)


def _gap(one: Any, other: Any) -> float:
    """How far two values are apart, in proportion to the first; inf where they cannot be compared."""
    if isinstance(one, enum.Enum) or not (
        isinstance(one, int | float) and isinstance(other, int | float)
    ):
        return 0.0 if one == other else math.inf
    if one != one or other != other:
        return 0.0 if one != one and other != other else math.inf
    if one == other:
        return 0.0
    return abs(one - other) / abs(one) if one else math.inf
