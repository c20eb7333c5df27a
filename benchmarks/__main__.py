"""All tables: ``python -m benchmarks [name ...]``."""

from __future__ import annotations

import importlib
import sys

from rich.console import Console

from benchmarks.measure import plain_call_ns

NAMES = (
    "decoding",
    "streams",
    "wire",
    "start",
    "replay",
    "kernels",
    "contest",
    "consensus",
    "agreement",
    "indicators",
    "ichimoku",
    "chart",
)


def main(names: list[str]) -> int:
    """Run the tables named, or all of them."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        Console(stderr=True).print(f"no table {unknown[0]!r}; there are {', '.join(NAMES)}")
        return 2
    Console().print(f"calling an empty Python function: {plain_call_ns():.0f} ns here")
    for name in names or NAMES:
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
