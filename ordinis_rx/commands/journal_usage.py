"""What may be asked for on the command line about recordings."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ordinis_rx.commands.access import PROVIDERS
from ordinis_rx.commands.inspection import inspect
from ordinis_rx.commands.pipeline import STEPS
from ordinis_rx.commands.record import record
from ordinis_rx.commands.replay import replay
from ordinis_rx.commands.values import Add, positive, words

__all__ = ["add_journal"]


def add_journal(add: Add) -> None:
    """Add ``record``, ``replay`` and ``inspect``."""
    _add_record(add)
    _add_replay(add)
    parser = add(
        "inspect",
        _inspect,
        "what is in a recording",
        "Kinds, symbols, times, gaps and rates. Exit code 1 where something of it is lost.",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a file")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _inspect(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return inspect(options.path, json=options.json)


def _place(text: str) -> Path:
    """Where something new can be written, by what can be seen now."""
    path = Path(text)
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"must be in a folder that exists, got {text!r}")
    return path


def _moment(text: str) -> datetime:
    """A date or a time; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a time such as 2024-01-02T14:30Z, got {text!r}"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _record(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return record(
        options.provider,
        options.symbols,
        options.out,
        wire=options.wire,
        format=options.format,
        channels=options.channels,
        market=options.market,
        url=options.url,
        duration=options.duration,
    )


def _add_record(add: Add) -> None:
    parser = add(
        "record",
        _record,
        "write a provider's stream to the disk",
        "Facts exactly as they are, one folder a recording; or, with --wire, every message as it came. Keys come from the "
        "environment, as with `watch`.",
    )
    parser.add_argument("--provider", choices=tuple(PROVIDERS), required=True, help="whom to ask")
    parser.add_argument(
        "--symbols", type=words, required=True, metavar="A,B", help="what to record"
    )
    parser.add_argument(
        "--out",
        type=_place,
        required=True,
        metavar="PATH",
        help="a folder for facts, a file for messages; it must not be there yet",
    )
    parser.add_argument("--wire", action="store_true", help="messages as they come, both ways")
    parser.add_argument(
        "--format",
        choices=("parquet", "arrow"),
        default="parquet",
        help="what the tables of facts become (default: %(default)s)",
    )
    parser.add_argument(
        "--channels",
        type=words,
        metavar="trades,quotes",
        help="what of it; by default trades and quotes",
    )
    parser.add_argument("--market", metavar="M", help="polygon's market, or alpaca's feed")
    parser.add_argument(
        "--url", metavar="U", help="another address, such as that of `ordinis-rx simulate`"
    )
    parser.add_argument(
        "--duration", type=positive, metavar="S", help="seconds to record, instead of for ever"
    )


def _replay(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return replay(
        options.path,
        pipeline=options.pipeline,
        out=options.out,
        json=options.json,
        speed=options.speed,
        symbols=options.symbols,
        kinds=options.kinds,
        start=options.start,
        end=options.end,
        provider=options.provider,
        market=options.market,
    )


def _add_replay(add: Add) -> None:
    parser = add(
        "replay",
        _replay,
        "tell a recording again",
        "Line by line, or into a table. Exit code 1 where something of it is lost, or none of the symbols is there.",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a file")
    parser.add_argument(
        "--pipeline", metavar="STEPS", help=f"what it is piped through, | between two: {STEPS}"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object a line, with its type")
    output.add_argument(
        "--out",
        type=_place,
        metavar="FILE.parquet",
        help="write a table of one kind of fact, or with another name the folder of a recording; it must not be there yet",
    )
    parser.add_argument(
        "--speed",
        type=positive,
        metavar="N",
        help="N times as fast as it was recorded, instead of at once",
    )
    parser.add_argument("--symbols", type=words, metavar="A,B", help="these alone")
    parser.add_argument("--kinds", type=words, metavar="trade,quote", help="these alone")
    parser.add_argument(
        "--start", type=_moment, metavar="TIME", help="from this time on, as 2024-01-02T14:30Z"
    )
    parser.add_argument("--end", type=_moment, metavar="TIME", help="before this time")
    parser.add_argument(
        "--provider",
        choices=tuple(PROVIDERS),
        help="who sent the messages, for a recording of the wire",
    )
    parser.add_argument("--market", metavar="M", help="polygon's market, or alpaca's feed")
