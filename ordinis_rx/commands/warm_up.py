"""``ordinis-rx warm-up``: every kernel compiled, so that no stream has to wait for it."""

from __future__ import annotations

import argparse
import asyncio
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ordinis_rx.commands.values import Add
from ordinis_rx.kernels.warming import warm_up

__all__ = ["add_warm_up"]


def add_warm_up(add: Add) -> None:
    """Add ``warm-up``."""
    add(
        "warm-up",
        _warm_up,
        "compile the kernels, so that no stream waits for it",
        "Takes most of a minute the first time, and seconds when they are in the cache: beside the library, or in "
        "NUMBA_CACHE_DIR.",
    )


async def _warm_up(_: argparse.Namespace) -> int:
    began = time.monotonic()
    total = await asyncio.to_thread(_with_bar)
    print(f"{total} kernels are ready, after {time.monotonic() - began:.1f} s")
    return 0


def _with_bar() -> int:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        kernels = 0

        def show(kernel: str, ready: int, total: int) -> None:
            nonlocal kernels
            kernels = total
            bar.update(task, description=kernel, completed=ready, total=total)

        warm_up(show)
    return kernels
