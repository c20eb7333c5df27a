"""Polygon's (Massive's) flat files: a day of trades, quotes or aggregates of a whole market, as streams.

Their columns, as the vendor's pages have them::

    trades  ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,...
    quotes  ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,...,sip_timestamp,...
    bars    ticker,volume,open,close,high,low,window_start,transactions

Options and currencies have some of them; times are nanoseconds, and ``window_start`` is the start of the bar.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ordinis_rx.arrow import pyarrow
from ordinis_rx.checks import check_duration
from ordinis_rx.errors import JournalError
from ordinis_rx.events import MOVES_ALL, Bar, Quote, Trade
from ordinis_rx.journal.adapting import Adapter
from ordinis_rx.journal.csv_reading import csv_batches, first_line
from ordinis_rx.journal.fitting import in_utf8
from ordinis_rx.journal.foreign import BadRows, adapted
from ordinis_rx.kernels.scanning import LATE_BY, OFF_EXCHANGE
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS, VOID, out_of_sequence
from ordinis_rx.providers.polygon_context import MILLIS_FROM, facility
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import DAY, MILLI, MINUTE, Nanos

__all__ = ["from_flat_file"]

_TIMES = ("sip_timestamp", "participant_timestamp")
"""Of two times the tape's, as on the wire."""

_TRADES = {
    "symbol": "ticker",
    "price": "price",
    "size": "size",
    "venue": "exchange",
    "trade_id": "id",
    "conditions": "conditions",
}
_QUOTES = {
    "symbol": "ticker",
    "bid": "bid_price",
    "ask": "ask_price",
    "bid_size": "bid_size",
    "ask_size": "ask_size",
    "bid_venue": "bid_exchange",
    "ask_venue": "ask_exchange",
}
_BARS = {
    "symbol": "ticker",
    "ts_event": "window_start",
    "volume": "volume",
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "trade_count": "transactions",
}

_INTERVALS = {"minute_aggs": MINUTE, "day_aggs": DAY}
"""How the folders of bars begin."""

_BESIDE = ("correction", "trf_id", "participant_timestamp")
"""Columns of trades that are no field, but say something of one."""

_VOID = frozenset(map(str, VOID))
_LATE, _EARLIEST = LATE_BY * MILLI, MILLIS_FROM * MILLI
_NO_FACILITY = ("", "0")


def from_flat_file(
    path: str | os.PathLike[str],
    *,
    interval: Nanos | None = None,
    bad_rows: BadRows = "raise",
    rows: int = 10_000,
) -> Stream[Any]:
    """The trades, quotes or bars of a flat file of Polygon (``.csv.gz``, ``.csv``), a cold stream; its columns tell which.

    Facts come in the order of the file, which is by ticker: pipe through `ordinis_rx.operators.reorder`, or choose a symbol,
    where time matters. Trades of stocks have the flags of their conditions; what was cancelled, or told in error, moves
    nothing. One off exchange has its facility in its venue, and a side of nothing at price 0 is NaN, as on the wire;
    `provider` is ``polygon``. The *interval* of bars is by default told by the name of the folder (``minute_aggs_v1``,
    ``day_aggs_v1``); a day is 24 hours.

    Raises `JournalError` that names the file, column and row, unless *bad_rows* are told, as by `from_csv`; needs the extra
    ``arrow``.
    """
    pyarrow()
    if interval is not None:
        check_duration("from_flat_file: interval", interval)
    file = Path(path)
    found = first_line(file, ",")
    constants: dict[str, Any] = {"provider": "polygon"}
    if "window_start" in found:
        kind: type[Any] = Bar
        names = dict(_BARS)
        constants["interval"] = _interval(file) if interval is None else interval
        if "volume" not in found:  # indices
            del names["volume"]
            constants["volume"] = float("nan")
    else:
        kind, names = (Quote, dict(_QUOTES)) if "bid_price" in found else (Trade, dict(_TRADES))
        times = [name for name in _TIMES if name in found]
        if not times:
            raise JournalError(
                file,
                f"is no flat file: it has no {_TIMES[0]} and no window_start, but {', '.join(found)}",
            )
        names["ts_event"] = times[0]
    adapter = _ADAPTERS.get(kind, Adapter)(
        kind=kind,
        columns={field: name for field, name in names.items() if name in found},
        found=found,
        constants=constants,
        unit=1,
        stamped_start=kind is Bar,
    )
    return adapted(file, adapter, csv_batches(file, adapter, None, ","), rows, bad_rows)


class _Quotes(Adapter):
    """Nothing at price 0 is the vendor's word for a side without a quote."""

    def fitting(self, batch: Any, first: int) -> Any:
        of = pyarrow(".compute")
        facts = super().fitting(batch, first)
        for at, name in enumerate(facts.schema.names):
            if name not in ("bid", "ask") or f"{name}_size" not in facts.schema.names:
                continue
            price, size = facts.column(name), facts.column(f"{name}_size")
            is_none = of.and_(of.equal(price, 0.0), of.equal(size, 0.0))
            facts = facts.set_column(at, name, of.if_else(is_none, float("nan"), price))
        return facts


class _Trades(Adapter):
    """With what each trade may move, and with the facility that it was reported to as part of its venue."""

    @property
    def wanted(self) -> list[str]:
        beside = [name for name in _BESIDE if name in self.found]
        return list(dict.fromkeys([*super().wanted, *beside]))

    def types(self) -> dict[str, Any]:
        beside = [name for name in _BESIDE if name in self.found]
        return super().types() | dict.fromkeys(beside, pyarrow().string())

    def fitting(self, batch: Any, first: int) -> Any:
        pa = pyarrow()
        facts = super().fitting(batch, first)
        for name in _BESIDE:
            if name in self.found:
                what = f"column {name!r}" if self.names_rows else ""
                in_utf8(batch.column(name), what, first)
        flags = [int(MOVES_ALL)] * facts.num_rows
        # Of stocks alone: elsewhere the same codes mean other things.
        if "tape" in self.found and "conditions" in facts.schema.names:
            times = facts.column("ts_event").view("int64").to_pylist()
            codes = map(tuple, facts.column("conditions").to_pylist())
            judged = [STOCK_CONDITIONS.flags(*each) for each in zip(codes, times, strict=True)]
            for row in self._late(facts, batch, times):
                judged[row] = out_of_sequence(judged[row])
            flags = list(map(int, judged))
        if "correction" in self.found:
            corrections = batch.column("correction").to_pylist()
            flags = [
                0 if _plain(correction) in _VOID else moves
                for correction, moves in zip(corrections, flags, strict=True)
            ]
        if "trf_id" in self.found and "venue" in facts.schema.names:
            at = facts.schema.names.index("venue")
            venues = facts.column(at).to_pylist()
            numbers: list[Any] = list(map(_plain, batch.column("trf_id").to_pylist()))
            told = [
                venue if number in _NO_FACILITY else facility(venue, number)
                for venue, number in zip(venues, numbers, strict=True)
            ]
            facts = facts.set_column(at, "venue", pa.array(told, pa.string()))
        return facts.append_column("flags", pa.array(flags, pa.int16()))

    def _late(self, facts: Any, batch: Any, times: list[Nanos]) -> list[int]:
        """The rows of trades off exchange that were told late, as on the wire; a time that is none says nothing."""
        if "venue" not in facts.schema.names or not {_BESIDE[2], _TIMES[0]} <= set(self.found):
            return []
        venues = facts.column("venue").to_pylist()
        made = map(_plain, batch.column(_BESIDE[2]).to_pylist())
        off = str(OFF_EXCHANGE)
        return [
            row
            for row, (venue, at, stamp) in enumerate(zip(venues, times, made, strict=True))
            if venue == off and stamp.isdecimal() and _EARLIEST < int(stamp) < at - _LATE
        ]


_ADAPTERS: Mapping[type[Any], type[Adapter]] = {Trade: _Trades, Quote: _Quotes}


def _plain(value: Any) -> str:
    """A whole number without blanks and leading zeros, whether it was read as one or as text; or the text."""
    text = "" if value is None else str(value).strip()
    return str(int(text)) if text.isdecimal() else text


def _interval(path: Path) -> Nanos:
    """What the folder tells that is nearest to the file: those around it may be called anything."""
    for name in reversed(path.parts):
        for beginning, interval in _INTERVALS.items():
            if name.startswith(beginning):
                return interval
    told = " or ".join(f"{beginning}*" for beginning in _INTERVALS)
    raise JournalError(
        path,
        f"does not tell whether its bars are of minutes or days, since it is in no folder {told}: say interval=",
    )
