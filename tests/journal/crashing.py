"""Records in processes that are killed at some moment: python crashing.py FOLDER ROUNDS.

Each round is a child that records in FOLDER/N.wire (even ones: a log) or FOLDER/N (odd ones: facts), and says through a pipe
how much is acknowledged; the parent kills it with SIGKILL after a while, and prints the last that it heard.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from ordinis_rx.events import Event
from ordinis_rx.journal import record
from ordinis_rx.journal.log import LogWriter
from ordinis_rx.multicast import Hot
from ordinis_rx.testing import a_quote, a_trade
from ordinis_rx.timebase import HOUR, MILLI


def the_record(n: int) -> bytes:
    return b"%d " % n + b"x" * (n % 977)


def the_fact(n: int) -> Event:
    at = n * HOUR // 100
    if n % 3:
        return a_trade(n / 7, at=at, seq=n + 1, symbol=f"S{n % 5}", trade_id=str(n))
    return a_quote(n / 7, n / 5, at=at, seq=n + 1)


def write_log(path: Path, say: int) -> None:
    log = LogWriter(path, b"header")
    for n in range(sys.maxsize):
        log.append(the_record(n))
        if n % 20 == 0:
            log.sync()
            os.write(say, b"%d\n" % log.acknowledged)


def write_facts(path: Path, say: int) -> None:
    hot = Hot()
    recorder = record(hot.stream, path, rows=40, rows_per_file=150, sync_every=3 * MILLI)
    for n in range(sys.maxsize):
        hot.push([the_fact(n)])
        if n % 20 == 0:
            os.write(say, b"%d\n" % recorder.acknowledged)


def said_last(said: bytes) -> int:
    """The last number of which the whole line came; 0 before any."""
    lines = said.split(b"\n")
    return int(lines[-2]) if len(lines) > 1 else 0


def killed(path: Path, reports: int, at_least: int) -> int:
    """How much a child had acknowledged when it was killed, after so many reports and *at_least* so much acknowledged."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        (write_log if path.suffix else write_facts)(path, theirs)
    os.close(theirs)
    said = b""
    while said.count(b"\n") < reports or said_last(said) < at_least:
        said += os.read(ours, 4096)
    os.kill(child, signal.SIGKILL)
    while part := os.read(ours, 65536):
        said += part
    os.waitpid(child, 0)
    os.close(ours)
    return said_last(said)


def main(folder: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    for n in range(rounds):
        path = folder / (f"{n}" if n % 2 else f"{n}.wire")
        # Some are killed before anything is safe, the others not: how fast the machine is does not decide it.
        print(killed(path, chance.randint(1, 25), n // 2 % 2), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
