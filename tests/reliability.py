"""Runs the tests of reliability, prints what they measured as one table, and writes it to docs/reliability.md.

`python -m tests.reliability` (or `make soak`) runs everything at full size, which takes hours; the options make it shorter,
and the table says how much was tried. With ``--figures FILE`` what was measured is kept, so that it can be run in pieces:
``--seeds 2000 --first-seed 4000 --figures build/figures tests/world`` adds two thousand stories to what FILE holds, and
``--page`` alone writes the page of it. Nothing is written when a test fails.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import figures
from tests.figures import Figure
from tests.sizes import PREFIX, SIZES

__all__ = ["DEMANDS", "MEASURED", "Demand", "Machine", "main", "page", "table"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs/reliability.md")

MEASURED = (
    "tests/fire",
    "tests/hostile",
    "tests/journal/test_crashes.py",
    "tests/wire/test_tls.py",
)
"""Where tests of all sizes leave figures; what is marked soak does so anywhere."""


class Demand(NamedTuple):
    """A property, and the figure that it must reach."""

    property: str
    figure: str


DEMANDS = (
    Demand(
        "reconnect convergence",
        "every story of faults ends connected, with the wanted subscriptions, on one socket: 10,000 virtual days",
    ),
    Demand(
        "loss",
        "every loss is filled in or lies inside a Gap; 0 silent",
    ),
    Demand(
        "storms",
        "attempts a minute within the policy over all feeds, jitter spread evenly, 0 retries after a fatal error",
    ),
    Demand("stalls: dead peer", "found within ping interval + timeout + 1 s"),
    Demand("stalls: acked but mute", "found within its limit of silence + 1 s"),
    Demand("stalls: false alarms", "0 in a year with a session calendar and illiquid symbols"),
    Demand(
        "memory",
        "at most 64 MiB more for stalled consumers under 5,000,000 events; in = delivered + dropped + conflated, exactly",
    ),
    Demand("isolation", "subscribers that fail: the others get 100 %, 0 reconnects"),
    Demand("shutdown", "at most 2 s from every state; 0 tasks, threads, file descriptors left"),
    Demand("journal", "0 acknowledged facts lost in 500 kills"),
    Demand(
        "parsers",
        "100,000 examples for each provider, 10 minutes of atheris: `DecodeError` or counted errors, no unusable number",
    ),
    Demand("hostile server", "closed within the timeout, at most 16 MiB more"),
    Demand(
        "TLS",
        "self-signed, expired, wrong host, TLS 1.0 refused; no switch that turns verification off",
    ),
    Demand("secrets", "a canary key in 0 log records, errors, reprs, events, recordings, reports"),
    Demand("clock", "jumps of an hour, 8 h of sleep: no spurious stall, no changed back-off"),
    Demand("simulator server", "200 clients, slow ones evicted, bad frames refused"),
    Demand(
        "soak, a reconnect every 10 s",
        "30 min at 5,000 events/s: less than 1 MB/h more after warm-up, file descriptors flat",
    ),
    Demand("soak, connect cycles", "10,000 connections: nothing left behind"),
    Demand(
        "strength of the suite", "tests notice 85 % of small faults in wire, consensus and stream"
    ),
)
"""In the order of the page."""

PROSE = """\
# Reliability

What the library promises of bad days, and what was measured. The table is made by `make soak` from what its tests saw;
each row says how much was tried, and when, at which commit. `make test` and `make test-deep` run the same tests in
smaller sizes.

{table}
Written on {date} at commit `{commit}`, on {machine}.

## How it is measured

Stories of faults (*reconnect convergence*, *loss*) are played on an event loop without real time, against a vendor in
memory: a day takes less than a second. One seed draws the whole day, what trades and what goes wrong: refused, reset,
half-open and mute connections, some of which answer pings; closes clean and unclean, evictions, HTTP 401 and 429, expired
tokens, garbage, duplicates, trades out of order, slow logins, partitions, clocks that jump, a machine that sleeps for
eight hours, a history that is asked for what was lost and is slow or fails. At the end every trade must have been
delivered once and in order, filled in, or lie inside a `Gap`; a Gap that was told as filled excuses nothing.
`python -m tests.world --seed 7` tells a story again, to the last line the same.

*Parsers* read frames that Hypothesis has harmed, and what atheris finds by looking for code not yet seen (`make fuzz`),
where the compiled reader is held against the other one. *Strength of the suite* is what mutmut says (`make mutants`);
`make coverage` fails where a branch of feeds, decoders, journal or consensus is taken by no test.

*Soak* runs over real sockets on loopback, in three processes: a server that breaks off each connection in another way, a
feed that measures itself, and the test that judges. Memory counts after a quarter of the run; its slope is the line of
least squares. Kills, hostile servers, stalled consumers and signals have processes of their own as well, under the limits
of the operating system where there are some.

## What is not tested here, and cannot be

- **Power loss.** Recorders are killed, their files cut and their disks filled; the cache of a disk that loses its power
  is not ours to test.
- **Several hosts.** All servers are on loopback. Networks that reorder, duplicate or delay packets for minutes are played
  by a proxy and by the world in memory, not by routers.
- **Real venues.** Vendors' servers are played after their documentation and after recorded traffic. What they do on their
  worst day, nobody has recorded for us.
- **Other systems.** The figures are of Linux. Nothing of the library is made for it alone, but memory and file
  descriptors are asked of `/proc`.
- **What no client can know.** A symbol that a vendor leaves out for a while, and then goes on with on the same
  connection, cannot be told from a quiet one unless the vendor numbers its messages. A `Gap` is told when a connection is
  lost, or a symbol is silent beyond its limit.
"""


class Machine(NamedTuple):
    """Where it was run."""

    cores: int
    gibibytes: float
    python: str
    system: str

    @classmethod
    def this(cls) -> Machine:
        """The machine that we are on."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        python = f"{platform.python_implementation()} {platform.python_version()}"
        return cls(os.cpu_count() or 1, memory, python, platform.system())

    def __str__(self) -> str:
        return (
            f"{self.cores} cores, {self.gibibytes:.0f} GiB of memory, {self.python}, {self.system}"
        )


def _demand_of(figure: Figure) -> str | None:
    """The property that a figure is about: its own name, or what that begins with."""
    names = [each.property for each in DEMANDS if figure.property.startswith(each.property)]
    return max(names, key=len, default=None)


def table(found: Sequence[Figure]) -> str:
    """All demands, and what was measured of each, as Markdown; what was not run says so, what nobody demanded is last."""
    lines = [
        "| property | demanded | measured | tried | run |",
        "|---|---|---|---|---|",
    ]
    for demand in DEMANDS:
        seen = [each for each in found if _demand_of(each) == demand.property]
        seen = seen or [Figure(demand.property, "**not run**", "")]
        lines += [
            f"| {each.property} | {demand.figure} | {each.figure} | {each.size} | {each.run} |"
            for each in seen
        ]
    lines += [
        f"| {each.property} | - | {each.figure} | {each.size} | {each.run} |"
        for each in found
        if _demand_of(each) is None
    ]
    return "\n".join(lines) + "\n"


def page(found: Sequence[Figure], *, date: str, commit: str, machine: Machine) -> str:
    """The page, as Markdown."""
    return PROSE.format(table=table(found), date=date, commit=commit, machine=machine)


def _here() -> str:
    """The commit that we are on."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "ordinis_rx", "tests")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def main(
    words: Sequence[str],
    *,
    call: Callable[..., int] = subprocess.call,
    folder: Path = ROOT,
    machine: Machine | None = None,
) -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    for name, full in SIZES.items():
        option = f"--{name.lower().replace('_', '-')}"
        parser.add_argument(option, type=int, help=f"instead of {full:,}")
    parser.add_argument("--figures", type=Path, help="where figures are kept, and added to")
    parser.add_argument("--page", action="store_true", help="run nothing; write what is kept")
    parser.add_argument("--commit", help="what is run, where it is no checkout")
    options, rest = parser.parse_known_args(words)
    commit, date = options.commit or _here(), datetime.date.today().isoformat()
    with tempfile.TemporaryDirectory() as fresh:
        kept: Path = (options.figures or Path(fresh) / "figures").absolute()
        if not options.page:
            sizes = {PREFIX + name: getattr(options, name.lower()) for name in SIZES}
            given = {name: str(value) for name, value in sizes.items() if value is not None}
            env = os.environ | given | {figures.FILE: str(kept), figures.RUN: f"{date} {commit}"}
            pytest = [sys.executable, "-m", "pytest", "-q"]
            runs = [["-m", "not soak", *MEASURED]] if not rest else []
            for run in (*runs, ["-m", "soak", *rest]):
                if code := call([*pytest, *run], cwd=folder, env=env):
                    return code
        if not kept.exists():
            print("nothing was measured", file=sys.stderr)
            return 1
        found = figures.read(kept)
    print(table(found))
    told = page(found, date=date, commit=commit, machine=machine or Machine.this())
    (folder / PAGE).write_text(told, "utf-8")
    print(f"written to {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
