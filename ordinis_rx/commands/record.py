"""``ordinis-rx record``: a provider's stream on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ordinis_rx.commands.access import feed_of
from ordinis_rx.commands.attendance import Attendance
from ordinis_rx.commands.lines import amount
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.journal import Recorder, WireRecorder, record_wire
from ordinis_rx.journal import record as record_facts
from ordinis_rx.journal.writer import Format
from ordinis_rx.stepping import each_item

__all__ = ["record"]


async def record(
    provider: str,
    symbols: Sequence[str],
    out: Path,
    *,
    wire: bool = False,
    format: Format = "parquet",
    channels: Iterable[str] | None = None,
    market: str | None = None,
    url: str | None = None,
    duration: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Record until a signal or *duration* seconds are over: facts in the folder *out*, or with *wire* messages in that file.

    Tells at the end how much, and on stderr for which symbols nothing came. What ends the stream or the recording (a wrong
    key, a full disk) is raised; a provider that was never reached is told, and is exit code 1.
    """
    events = feed_of(
        provider, symbols, channels=channels, market=market, url=url, environment=environment
    )
    failures: list[Exception] = []
    attendance = Attendance(symbols)
    with stoppable() as stop:

        def ended(error: Exception | None) -> None:
            if error is not None:
                failures.append(error)
            stop.now()

        async with events:
            recorder: Recorder | WireRecorder
            if wire:
                recorder = record_wire(events, out, on_end=ended)
                # A recorder of the wire alone dials nothing.
                events.subscribe(attendance.note, ended)
            else:
                attended = events.pipe(each_item(lambda: attendance.take))
                recorder = record_facts(attended, out, format=format, on_end=ended)
            until = "until Ctrl-C" if duration is None else f"for {duration:g} s"
            print(f"recording {events.provider.name} in {out}, {until}", flush=True)
            await stop.wait(duration)
    if not failures:  # which closing the feed has ended, otherwise
        recorder.close()
    recorded = amount(recorder.acknowledged, "message" if wire else "fact")
    if failures:
        print(f"recorded {recorded}", flush=True)
        raise failures[0]
    print(f"recorded {recorded}: {attendance.in_words}", flush=True)
    return attendance.conclude(events)
