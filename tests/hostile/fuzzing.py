"""Decoders under atheris: it looks for bytes that lead to code not yet seen, and each must be borne.

`python -m tests.hostile.fuzzing --seconds 600 stocks finnhub` (`make fuzz`) gives each decoder that long, in a process of
its own; without a name, all of them. What is not borne is kept in build/fuzz, and is read once more by `--again FILE`. A
decoder that reads by machine code is held against itself without: what both tell must be the same.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from tests.figures import record
from tests.hostile.mutation import arbitrary_json, mutated

__all__ = ["bearing", "harmed", "main", "runs_of"]

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "fuzz"
LONGEST = 8192


def bearing(name: str) -> Callable[[bytes], None]:
    """A function that has the decoder *name* read bytes; it raises where a consumer could not bear what comes of it."""
    from ordinis_rx.kernels.compiled import uncompiled
    from ordinis_rx.testing import difference
    from tests.hostile.frames import NOW, PROVIDERS
    from tests.hostile.soundness import decoded_soundly

    by_machine = PROVIDERS[name]().decoder({})
    with uncompiled():
        by_hand = PROVIDERS[name]().decoder({})

    def bear(raw: bytes) -> None:
        told = decoded_soundly(by_machine, raw, NOW)
        assert difference(told, decoded_soundly(by_hand, raw, NOW)) == ""

    return bear


def harmed(raw: bytes, room: int, seed: int, another: Callable[[bytes, int], bytes]) -> bytes:
    """What to try after *raw*: *another* of the fuzzer's own, or it with our wounds, or JSON of the vendors' words."""
    chance = Random(seed).random()
    if chance < 0.6:
        return another(raw, room)
    return (mutated(raw, seed) if chance < 0.95 else arbitrary_json(seed))[:room]


def runs_of(told: str) -> int:
    """How many inputs were tried, by the fuzzer's last words; 0 where it did not come to them.

    >>> runs_of("Done 4711 runs in 601 second(s)")
    4711
    """
    found = re.search(r"^Done (\d+) runs", told, re.MULTILINE)
    return int(found[1]) if found else 0


def _fuzz(name: str, *words: str) -> None:
    """Have atheris do it; the process ends here."""
    import atheris

    # What becomes machine code can be no code that is counted.
    kernels = [
        f"ordinis_rx.kernels.{path.stem}" for path in (ROOT / "ordinis_rx/kernels").glob("*.py")
    ]
    with atheris.instrument_imports(include=["ordinis_rx"], exclude=kernels):
        from tests.hostile.frames import frames_of

        bear = bearing(name)
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for n, frame in enumerate(frames_of(name)):
        (corpus / f"seed-{n}").write_bytes(frame)

    def mutator(raw: bytes, room: int, seed: int) -> bytes:
        return harmed(raw, room, seed, atheris.Mutate)

    atheris.Setup([sys.argv[0], *words], bear, custom_mutator=mutator)
    atheris.Fuzz()


def main(words: Sequence[str]) -> int:
    """Fuzz what the command line names; 1 where something was not borne."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzzing", description=__doc__)
    parser.add_argument("names", nargs="*", help="decoders, as in tests/hostile/frames.py")
    parser.add_argument("--seconds", type=int, default=600, help="for each")
    parser.add_argument("--again", type=Path, help="what was kept, to be read once more")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if importlib.util.find_spec("atheris") is None:
        print(
            "atheris is not installed: make fuzz installs it, on Linux and macOS", file=sys.stderr
        )
        return 2
    if options.child:
        prefix = f"-artifact_prefix={KEPT / options.names[0]}-"
        limits = [f"-max_total_time={options.seconds}", f"-max_len={LONGEST}", "-timeout=10"]
        _fuzz(options.names[0], *limits, prefix, str(KEPT / options.names[0]))
    from tests.hostile.frames import PROVIDERS

    for name in options.names or PROVIDERS:
        if options.again:
            bearing(name)(options.again.read_bytes())
            continue
        print(f"== {name}", flush=True)
        child = [sys.executable, "-m", "tests.hostile.fuzzing", "--child", name]
        seconds = f"--seconds={options.seconds}"
        done = subprocess.run(
            [*child, seconds], stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT
        )
        tried = runs_of(done.stderr)
        if done.returncode or not tried:
            lines = done.stderr.splitlines()
            told = (line for line in lines if not line.startswith(("INFO: ", "#")))
            print(*told, sep="\n", file=sys.stderr)
            return 1
        print(f"{tried:,} inputs")
        record(
            f"parsers, {name} under atheris",
            "only `DecodeError` or counted errors; no unusable number",
            f"{tried:,} inputs in {options.seconds / 60:g} min",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
