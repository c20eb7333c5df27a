"""The operators, by family. Each is a function that gives what ``stream.pipe(...)`` takes.

=============  ==========================================================================================================
select         ``trades quotes bars readings statuses gaps errors heartbeats halts``: facts of a kind
by_name        ``for_symbols for_providers``: facts about some symbols, or told by some providers
price          ``mid spread notional``: readings out of quotes and trades
quality        ``dedupe drop_crossed`` keep what is fit to be used
reordering     ``reorder``: facts in the order in which they happened
buffering      ``buffer``: a bounded wait between producer and consumer, and the way from one thread to another
windows        ``window_by_time window_by_count``: a stream for each window
merging        ``merge``: one root out of several streams
timing         ``on_clock``: Rx's own timed operators by the time of the events
rolling        ``rolling_mean rolling_std rolling_zscore ema vwap``, and ``zscore_filter hampel_filter`` against outliers
bars           ``time_bars resample`` by time, ``tick_bars volume_bars notional_bars`` by how much was traded
conflating     ``conflate``: of each interval the latest fact alone
sampling       ``sample_on align``: fewer facts, of one time
joining        ``with_latest zip_latest_by``: what belongs together
cloud          ``ichimoku``: the Ichimoku cloud of bars
indicators     ``ta`` for each function of TA-Lib's, ``indicators`` for several in one pass, and by name ``sma bar_ema wma
               dema tema kama t3 hma``, ``rsi stoch stochrsi macd cci willr roc mfi ultosc``, ``atr natr bbands keltner
               donchian volatility``, ``adx dmi sar supertrend aroon``, ``bar_vwap obv ad adosc cmf force rvol``
candlesticks   ``patterns``: TA-Lib's candlestick patterns and our own, and what surrounds them
support        ``levels breakouts``: support and resistance of bars, and when they are broken
timeframes     ``timeframes agreement``: several timeframes out of one stream, and whether they agree
conditions     ``signals score where`` on conditions over columns (``col("rsi") > 70``), and ``weighted vote lowest highest
               zscores`` to put several numbers together
snapshot       ``snapshot``: how a symbol stands, in a dozen numbers and an opinion
=============  ==========================================================================================================

What ``dedupe``, ``drop_crossed``, ``reorder``, ``time_bars`` and ``resample`` leave out goes to a `SideOutput`; what
``buffer`` counts is read from a `BufferMeter`. Whatever ``reactivex.operators`` has is not repeated here: it takes the same
streams.
"""

from __future__ import annotations

from ordinis_rx.memory import OperatorMemory
from ordinis_rx.naming import name_all
from ordinis_rx.operators.bars import resample, time_bars
from ordinis_rx.operators.bars_by_amount import notional_bars, tick_bars, volume_bars
from ordinis_rx.operators.buffering import BufferMeter, buffer
from ordinis_rx.operators.by_name import for_providers, for_symbols
from ordinis_rx.operators.candlesticks import Pattern, PatternContext, PatternMatch, patterns
from ordinis_rx.operators.cloud import ichimoku
from ordinis_rx.operators.cloud_facts import CloudPosition, IchimokuCloud
from ordinis_rx.operators.conditions import (
    Condition,
    Expression,
    Rule,
    Signal,
    col,
    highest,
    lowest,
    rule,
    score,
    signals,
    vote,
    weighted,
    where,
    zscores,
)
from ordinis_rx.operators.conflating import conflate
from ordinis_rx.operators.filters import hampel_filter, zscore_filter
from ordinis_rx.operators.indicators import (
    Indicator,
    IndicatorState,
    ad,
    adosc,
    adx,
    aroon,
    atr,
    bar_ema,
    bar_vwap,
    bbands,
    cci,
    cmf,
    dema,
    dmi,
    donchian,
    force,
    hma,
    indicator,
    indicators,
    kama,
    keltner,
    macd,
    mfi,
    natr,
    obv,
    roc,
    rsi,
    rvol,
    sar,
    sma,
    stoch,
    stochrsi,
    supertrend,
    t3,
    ta,
    tema,
    ultosc,
    volatility,
    willr,
    wma,
)
from ordinis_rx.operators.joining import Latest, with_latest, zip_latest_by
from ordinis_rx.operators.merging import merge
from ordinis_rx.operators.overflow import BufferStats, Overflow
from ordinis_rx.operators.price import mid, notional, spread
from ordinis_rx.operators.quality import dedupe, drop_crossed
from ordinis_rx.operators.reordering import reorder
from ordinis_rx.operators.rolling import (
    ema,
    rolling_mean,
    rolling_std,
    rolling_zscore,
    vwap,
)
from ordinis_rx.operators.sampling import align, sample_on
from ordinis_rx.operators.select import (
    bars,
    errors,
    gaps,
    halts,
    heartbeats,
    quotes,
    readings,
    statuses,
    trades,
)
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.operators.snapshot import snapshot
from ordinis_rx.operators.snapshot_facts import Opinion, Snapshot, Volatility
from ordinis_rx.operators.support import breakouts, levels
from ordinis_rx.operators.support_facts import Levels
from ordinis_rx.operators.timeframes import (
    Agreement,
    Bias,
    TimeframeBars,
    TimeframeSignal,
    agreement,
    timeframes,
)
from ordinis_rx.operators.timing import on_clock
from ordinis_rx.operators.windows import window_by_count, window_by_time

__all__ = [
    "Agreement",
    "Bias",
    "BufferMeter",
    "BufferStats",
    "CloudPosition",
    "Condition",
    "Expression",
    "IchimokuCloud",
    "Indicator",
    "IndicatorState",
    "Latest",
    "Levels",
    "OperatorMemory",
    "Opinion",
    "Overflow",
    "Pattern",
    "PatternContext",
    "PatternMatch",
    "Rule",
    "SideOutput",
    "Signal",
    "Snapshot",
    "TimeframeBars",
    "TimeframeSignal",
    "Volatility",
    "ad",
    "adosc",
    "adx",
    "agreement",
    "align",
    "aroon",
    "atr",
    "bar_ema",
    "bar_vwap",
    "bars",
    "bbands",
    "breakouts",
    "buffer",
    "cci",
    "cmf",
    "col",
    "conflate",
    "dedupe",
    "dema",
    "dmi",
    "donchian",
    "drop_crossed",
    "ema",
    "errors",
    "for_providers",
    "for_symbols",
    "force",
    "gaps",
    "halts",
    "hampel_filter",
    "heartbeats",
    "highest",
    "hma",
    "ichimoku",
    "indicator",
    "indicators",
    "kama",
    "keltner",
    "levels",
    "lowest",
    "macd",
    "merge",
    "mfi",
    "mid",
    "natr",
    "notional",
    "notional_bars",
    "obv",
    "on_clock",
    "patterns",
    "quotes",
    "readings",
    "reorder",
    "resample",
    "roc",
    "rolling_mean",
    "rolling_std",
    "rolling_zscore",
    "rsi",
    "rule",
    "rvol",
    "sample_on",
    "sar",
    "score",
    "signals",
    "sma",
    "snapshot",
    "spread",
    "statuses",
    "stoch",
    "stochrsi",
    "supertrend",
    "t3",
    "ta",
    "tema",
    "tick_bars",
    "time_bars",
    "timeframes",
    "trades",
    "ultosc",
    "volatility",
    "volume_bars",
    "vote",
    "vwap",
    "weighted",
    "where",
    "willr",
    "window_by_count",
    "window_by_time",
    "with_latest",
    "wma",
    "zip_latest_by",
    "zscore_filter",
    "zscores",
]

name_all(
    globals(),
    # What gives an indicator or a part of a condition gives no operator.
    set(__all__) - {"col", "highest", "indicator", "lowest", "rule", "vote", "weighted", "zscores"},
    sources={"merge"},
    keeps={
        "bars",
        "buffer",
        "conflate",
        "dedupe",
        "drop_crossed",
        "errors",
        "for_providers",
        "for_symbols",
        "gaps",
        "halts",
        "hampel_filter",
        "heartbeats",
        "quotes",
        "readings",
        "reorder",
        "statuses",
        "trades",
        "where",
        "zscore_filter",
    },
)
