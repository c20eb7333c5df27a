"""How much do results depend on where a story begins? `check_warmup` begins it later and later, and measures."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ordinis_rx.checks import check_not_negative
from ordinis_rx.events import Timed
from ordinis_rx.stream import numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.marbles import through
from ordinis_rx.timebase import check_whole
from ordinis_rx.typing import Operator

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["WarmUp", "WarmUpReport", "check_warmup"]

_ORIGIN = {"symbol", "ts_event", "ts_recv", "provider", "seq", "interval", "revision"}


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
    with NaN). A moving average of n bars settles after n; an exponential one slowly; a running total never.

    Raises ValueError where nothing with a time comes out, or there are fewer facts than twice the beginnings.

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
    whole = _results(pipeline, facts)
    if not whole:
        raise ValueError(f"nothing with a time comes out of the pipeline for {len(facts)} facts")
    names = list(dict.fromkeys(name for fields in whole.values() for name in fields))
    tales = [(begin, _results(pipeline, facts[begin:])) for begin in begins]
    places = {(fact.symbol, fact.ts_event): place for place, fact in enumerate(facts)}
    rows = [_row(name, whole, tales, places, tolerance) for name in names]
    return WarmUpReport(len(facts), begins, tolerance, tuple(rows))


_Key = tuple[str, int, str, int]


def _results(pipeline: Operator[Any, Any], facts: list[Any]) -> dict[_Key, dict[str, Any]]:
    """The fields of each result, by symbol, time, name and how many there were of it."""
    found: dict[_Key, dict[str, Any]] = {}
    for fact in through(pipeline, facts):
        if isinstance(fact, Timed):
            told: Any = fact
            name = str(getattr(told, "name", ""))
            number = 0
            while (key := (told.symbol, told.ts_event, name, number)) in found:
                number += 1
            found[key] = dict(_fields(told))
    return found


def _fields(fact: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    """What a fact says, and the facts in it, but not where it comes from."""
    for name in fact.__struct_fields__:
        if name not in _ORIGIN:
            yield from _parts(f"{within}{name}", getattr(fact, name))


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple):
        for place, each in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _parts(f"{name}[{place}]", each)
    elif isinstance(value, msgspec.Struct):
        yield from _fields(value, f"{name}.")
    else:
        yield name, value


def _row(
    name: str,
    whole: dict[_Key, dict[str, Any]],
    tales: Sequence[tuple[int, dict[_Key, dict[str, Any]]]],
    places: dict[tuple[str, int], int],
    tolerance: float,
) -> WarmUp:
    first_known, settles_after, worst = 0, 0, 0.0
    for begin, tale in tales:
        keys = [key for key in whole if places.get(key[:2], -1) >= begin]
        known = [key for key in keys if _is_known(tale.get(key, {}).get(name))]
        if not known:
            first_known = settles_after = -1
            worst = math.inf if any(_is_known(whole[key].get(name)) for key in keys) else worst
            continue
        gaps = [_gap(whole[key].get(name), tale.get(key, {}).get(name)) for key in keys]
        off = [at for at, gap in enumerate(gaps) if gap > tolerance]
        worst = max(worst, gaps[-1])
        if first_known >= 0:
            first_known = max(first_known, places[known[0][:2]] - begin + 1)
        if off and off[-1] == len(keys) - 1:
            settles_after = -1
        elif settles_after >= 0:
            settled = keys[off[-1] + 1] if off else keys[0]
            settles_after = max(settles_after, places[settled[:2]] - begin + 1)
    return WarmUp(name, first_known, settles_after, worst)


def _is_known(value: Any) -> bool:
    return value is not None and value == value and getattr(value, "name", "") != "UNKNOWN"


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
