"""`python -m tests.world --seed N` tells the story of one seed, to the last line the same each time."""

from __future__ import annotations

import argparse
import sys

from tests.world.story import play

parser = argparse.ArgumentParser(prog="python -m tests.world", description=__doc__)
parser.add_argument("--seed", type=int, required=True, help="which story to tell")
log, problems, _ = play(parser.parse_args().seed)
print(*log, sep="\n")
print(*(f"WRONG: {problem}" for problem in problems), sep="\n")
sys.exit(bool(problems))
