"""How values show themselves: one small table, for a terminal (rich) and for a notebook (HTML).

It names no colours: those of the notebook, light or dark, and of the terminal show through. Whatever a vendor said is text
in it, never markup, and what cannot be printed, such as a terminal's escape codes, is shown as ``�``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ordinis_rx.timebase import MILLI, SECOND, Nanos, to_datetime

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table as RichTable

__all__ = [
    "Column",
    "Sheet",
    "Shown",
    "counted",
    "figures",
    "listed",
    "measured",
    "milliseconds",
    "moment",
    "moments",
]

_LONGEST = 80
"""How many characters a cell shows."""

_NOTHING = "-"

_FULL = len("2024-01-02 14:30:00.123456789")


@dataclass(frozen=True, slots=True)
class Column:
    """What stands above a column: its name, and in small letters what kind of values it holds.

    It is set to the right or to the left; a minor one is the first to go where a terminal is too narrow.
    """

    name: str
    kind: str = ""
    right: bool = False
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, columns, and rows of texts, one a column.

    >>> sheet = Sheet("Two & one", (Column("symbol", "str"), Column("price", "float64", right=True)), [("<A>", "1.5")])
    >>> print(sheet.html())
    <table><caption style="text-align:left">Two &amp; one</caption><thead><tr>...&lt;A&gt;...</table>
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]

    def html(self) -> str:
        """The table for a notebook: escaped, without colours, scripts or anything to be loaded."""
        parts = [f'<table><caption style="text-align:left">{_html(self.title)}</caption>']
        if any(column.name for column in self.columns):
            heads = "".join(map(_head, self.columns))
            parts.append(f"<thead><tr>{heads}</tr></thead>")
        parts.append("<tbody>")
        for row in self.rows:
            cells = "".join(map(_cell, self.columns, row))
            parts.append(f"<tr>{cells}</tr>")
        parts.append("</tbody></table>")
        return "".join(parts)

    def rich(self, width: float = math.inf) -> RichTable:
        """The table for a terminal; of its columns those that *width* letters have room for, and at least one."""
        from rich.table import Table as RichTable  # not needed by whoever looks at nothing
        from rich.text import Text

        kept = self._fitting(width)
        title = _printable(self.title)
        if hidden := len(self.columns) - len(kept):
            title += f", {hidden} of {len(self.columns)} columns left out"
        table = RichTable(
            title=Text(title), title_justify="left", show_header=any(c.name for c in self.columns)
        )
        for column in (self.columns[k] for k in kept):
            head = Text(_printable(column.name))
            if column.kind:
                head.append(f"\n{_printable(column.kind)}", "dim")
            table.add_column(head, justify="right" if column.right else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*(Text(_printable(row[k])) for k in kept))
        return table

    def _fitting(self, width: float) -> list[int]:
        """Which columns stay: minor ones go first, and the last before the first."""
        widths = [
            max(len(column.name), len(column.kind), *(len(row[k]) for row in self.rows), 0) + 3
            for k, column in enumerate(self.columns)
        ]
        kept = list(range(len(widths)))
        going = sorted(kept, key=lambda k: (self.columns[k].minor, k))
        while len(kept) > 1 and sum(widths[k] for k in kept) + 1 > width:
            kept.remove(going.pop())
        return kept


class Shown:
    """What has a `Sheet` shows it: to rich, and to notebooks."""

    __slots__ = ()

    def _sheet(self) -> Sheet:
        raise NotImplementedError

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """A table for a terminal."""
        yield self._sheet().rich(options.max_width)

    def _repr_html_(self) -> str:
        return self._sheet().html()


def figures(title: str, values: Mapping[str, str]) -> Sheet:
    """A sheet with a name and a value in each row."""
    return Sheet(title, (Column(""), Column("")), list(values.items()))


def moment(at: Nanos | None) -> str:
    """A time in UTC, to the nanosecond; a dash for none, and the bare number where no calendar reaches.

    >>> moment(1_700_000_000_000_000_001), moment(None), moment(10**30)
    ('2023-11-14 22:13:20.000000001', '-', '1000000000000000000000000000000 ns')
    """
    if at is None:
        return _NOTHING
    try:
        return f"{to_datetime(at):%Y-%m-%d %H:%M:%S}.{at % SECOND:09d}"
    except OverflowError:
        return f"{at} ns"


def moments(times: Iterable[Nanos | None]) -> tuple[str, list[str]]:
    """Times in UTC as short as they can be told: the day that they share, and each of them to what is finest of any.

    >>> moments([1_700_000_000_000_000_000, None, 1_700_000_000_250_000_000])
    ('2023-11-14', ['22:13:20.000', '-', '22:13:20.250'])
    """
    texts = list(map(moment, times))
    known = [text for text in texts if len(text) == _FULL]
    idle = next((k for k in (6, 3) if all(text.endswith("0" * k) for text in known)), 0)
    days = {text[:10] for text in known}
    day = days.pop() if len(days) == 1 else ""
    begins = len(day) and len(day) + 1
    return day, [t[begins : _FULL - idle] if len(t) == _FULL else t for t in texts]


def measured(number: float, digits: int = 10) -> str:
    """A number to so many digits; a dash for NaN.

    >>> measured(1.38756491234), measured(0.0123456, 2), measured(float("nan"))
    ('1.387564912', '0.012', '-')
    """
    return f"{number:.{digits}g}" if number == number else _NOTHING


def milliseconds(span: Nanos | None) -> str:
    """A span in milliseconds; a dash for none.

    >>> milliseconds(1_234_567_890), milliseconds(None)
    ('1,234.568 ms', '-')
    """
    return _NOTHING if span is None else f"{span / MILLI:,.3f} ms"


def counted(counts: Mapping[str, int]) -> str:
    """How often each of several things was seen, the most frequent first; a dash where none was.

    >>> counted({"timeout": 2, "late": 1_000}), counted({})
    ('late 1,000, timeout 2', '-')
    """
    pairs = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return listed([f"{name} {count:,}" for name, count in pairs])


def listed(words: Iterable[str], most: int = 5) -> str:
    """Some words, the first of them by name; a dash where there is none.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    words = list(words)
    rest = len(words) - most
    shown = ", ".join(words[:most]) or _NOTHING
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def _printable(text: str) -> str:
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(letter if letter.isprintable() else "�" for letter in cut)


def _html(text: str) -> str:
    return escape(_printable(text))


def _style(column: Column) -> str:
    return f' style="text-align:{"right" if column.right else "left"}"'


def _head(column: Column) -> str:
    kind = f"<br><small>{_html(column.kind)}</small>" if column.kind else ""
    return f'<th scope="col"{_style(column)}>{_html(column.name)}{kind}</th>'


def _cell(column: Column, text: str) -> str:
    return f"<td{_style(column)}>{_html(text)}</td>"
