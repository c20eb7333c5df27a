"""How good the consensus is: simulated providers, a known truth, and what each set of rules made of them.

The same stories and measures as in the tests, on larger samples; `docs/consensus.md` keeps the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from rich.console import Console
from rich.table import Table

from ordinis_rx.consensus import AggregationConfig, AggregationMethod, consensus
from ordinis_rx.testing.consensus_scores import Scores, score_consensus

PROVIDERS = (3, 4, 5, 8)
SYMBOLS = 100

RULES: dict[str, tuple[AggregationConfig, bool]] = {
    "the default, report by report": (AggregationConfig(emit="every"), False),
    "the default, all providers at one moment": (AggregationConfig(emit="every"), True),
    "z-score above 2, median": (AggregationConfig.original(emit="every"), False),
    "z-score above 2, mean": (
        AggregationConfig.original(method=AggregationMethod.MEAN, emit="every"),
        False,
    ),
}


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def detected(bps: int, scores: Scores) -> str:
    return percent(scores.detected[bps])


ROWS: Mapping[str, Callable[[Scores], str]] = {
    **{
        f"off by {bps} bp, detected by the second round %": partial(detected, bps)
        for bps in (50, 100, 500)
    },
    "clean answers that exclude anybody %": lambda s: percent(s.false_positives),
    "... in the ten rounds after a true jump of 50 bp %": lambda s: percent(s.after_jump),
    "answers that exclude somebody beside one offender %": lambda s: percent(s.collateral),
    "two offenders: both found %": lambda s: percent(s.both_found),
    "two offenders: no consensus %": lambda s: percent(s.no_consensus),
    "drift of 0.5 bp a round: found within 25 rounds %": lambda s: percent(s.drift_found),
    "... rounds until half were found": lambda s: (
        f"{s.drift_rounds:.0f}" if s.drift_rounds <= 40 else "never"
    ),
    "95 % interval holds the truth %": lambda s: percent(s.coverage),
    "... with an offender of 50 bp %": lambda s: percent(s.coverage_with_offender),
    "mean half-width, bp": lambda s: f"{s.half_width_bps:.2f}",
    "rms error, bp": lambda s: f"{s.rmse_bps:.2f}",
    "... with an offender of 50 bp": lambda s: f"{s.rmse_with_offender_bps:.2f}",
}


def main() -> None:
    """One table for each set of rules."""
    for title, (config, together) in RULES.items():
        scores = [
            score_consensus(
                lambda config=config: consensus(config), n, together=together, symbols=SYMBOLS
            )
            for n in PROVIDERS
        ]
        table = Table(title=title, title_justify="left")
        table.add_column("providers")
        for n in PROVIDERS:
            table.add_column(str(n), justify="right")
        for name, show in ROWS.items():
            table.add_row(name, *(show(score) for score in scores))
        Console(width=120).print(table)
