"""Several timeframes out of one stream: at each bar of the shortest, the last closed bar of every other; and their bias."""

from ordinis_rx.operators.timeframes.agreement import agreement
from ordinis_rx.operators.timeframes.agreement_facts import Agreement, Bias, TimeframeSignal
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.operators.timeframes.rows import timeframes

__all__ = [
    "Agreement",
    "Bias",
    "TimeframeBars",
    "TimeframeSignal",
    "agreement",
    "timeframes",
]
