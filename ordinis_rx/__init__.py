"""Reactive market data: many providers in, one pipeline, live and replayed alike.

>>> import ordinis_rx as ox
>>> from ordinis_rx import operators as oo
>>> mids = ox.sim.market(["AAPL"], seed=7).pipe(oo.quotes(), oo.mid())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ordinis_rx.bridges import aiter, from_async_iter, iter_blocking, subscribe_isolated
from ordinis_rx.clock import EventClock
from ordinis_rx.config import StreamConfig
from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    ConsensusStatus,
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    ProviderStats,
    ProviderWeight,
    RobustOutlier,
    ZScoreOutlier,
    aggregate,
    bbo,
    consensus,
)
from ordinis_rx.errors import (
    AuthError,
    BufferOverflow,
    DecodeError,
    Disconnected,
    JournalError,
    MissingExtra,
    OrdinisError,
    ProviderError,
    Stalled,
    SubscriptionError,
    WireError,
    WrongKind,
)
from ordinis_rx.event_json import from_json, to_json
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Gap,
    GapReason,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    Side,
    StatusChange,
    StreamEventType,
    StreamStatus,
    Trade,
    TradeCancel,
    TradeCorrection,
    TradeFlags,
)
from ordinis_rx.feed import Feed, feed
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.frames import BarFrame, QuoteFrame, ReadingFrame, TradeFrame
from ordinis_rx.framing import frames, from_frames
from ordinis_rx.handlers import BaseStreamHandler, BufferedStreamHandler, CallbackStreamHandler
from ordinis_rx.kernels.warming import warm_up
from ordinis_rx.kinds import Direction
from ordinis_rx.lifting import operator
from ordinis_rx.multicast import share
from ordinis_rx.naming import name_all
from ordinis_rx.operators.merging import merge
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub, finnhub_crypto, finnhub_forex
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.stream import Stream, from_events
from ordinis_rx.timebase import DAY, HOUR, MICRO, MILLI, MINUTE, NANO, SECOND
from ordinis_rx.wire.backoff import Backoff, retry_with_backoff
from ordinis_rx.wire.connection import messages
from ordinis_rx.wire.liveness import liveness

if TYPE_CHECKING:
    __version__: str
    from ordinis_rx import sim
    from ordinis_rx.journal.checkpoint import Checkpoint
    from ordinis_rx.journal.flatfiles import from_flat_file
    from ordinis_rx.journal.foreign import from_csv, from_parquet
    from ordinis_rx.journal.record import record
    from ordinis_rx.journal.replay import replay
    from ordinis_rx.journal.wire_recorder import record_wire
    from ordinis_rx.pull import DataAggregator, ProviderResult
    from ordinis_rx.views.explain import explain
    from ordinis_rx.views.widgets import chart, table

__all__ = [
    "DAY",
    "HOUR",
    "MICRO",
    "MILLI",
    "MINUTE",
    "NANO",
    "SECOND",
    "AggregatedQuote",
    "AggregationConfig",
    "AggregationMethod",
    "AuthError",
    "Backoff",
    "Bar",
    "BarFrame",
    "BaseStreamHandler",
    "BufferOverflow",
    "BufferedStreamHandler",
    "CallbackStreamHandler",
    "Checkpoint",
    "ConsensusStatus",
    "DataAggregator",
    "DecodeError",
    "Direction",
    "Disconnected",
    "Event",
    "EventClock",
    "Feed",
    "FeedError",
    "FeedStats",
    "Gap",
    "GapReason",
    "Halt",
    "Heartbeat",
    "JournalError",
    "LeaveOneOutZ",
    "MadOutlier",
    "MissingExtra",
    "NoOutliers",
    "OrdinisError",
    "Overflow",
    "Provider",
    "ProviderError",
    "ProviderResult",
    "ProviderStats",
    "ProviderWeight",
    "Quote",
    "QuoteFrame",
    "Reading",
    "ReadingFrame",
    "RobustOutlier",
    "Side",
    "Stalled",
    "StatusChange",
    "Stream",
    "StreamConfig",
    "StreamEventType",
    "StreamStatus",
    "SubscriptionError",
    "Trade",
    "TradeCancel",
    "TradeCorrection",
    "TradeFlags",
    "TradeFrame",
    "WireError",
    "WrongKind",
    "ZScoreOutlier",
    "aggregate",
    "aiter",
    "alpaca",
    "bbo",
    "chart",
    "consensus",
    "explain",
    "feed",
    "finnhub",
    "finnhub_crypto",
    "finnhub_forex",
    "frames",
    "from_async_iter",
    "from_csv",
    "from_events",
    "from_flat_file",
    "from_frames",
    "from_json",
    "from_parquet",
    "iter_blocking",
    "liveness",
    "merge",
    "messages",
    "operator",
    "polygon",
    "record",
    "record_wire",
    "replay",
    "retry_with_backoff",
    "share",
    "sim",
    "subscribe_isolated",
    "table",
    "to_json",
    "warm_up",
]

_OF_THE_JOURNAL = {
    "Checkpoint",
    "from_csv",
    "from_flat_file",
    "from_parquet",
    "record",
    "record_wire",
    "replay",
}

name_all(globals(), ["operator", "share"])
name_all(globals(), _SOURCES := ["frames", "from_events", "from_frames", "merge"], sources=_SOURCES)


def __dir__() -> list[str]:
    # What completes after ``ox.``: the face, with what is imported late, and none of the modules behind it.
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])


def __getattr__(name: str) -> Any:
    # Who streams for real needs no simulator, no journal and no questions: they are imported when they are asked for.
    if name == "sim":
        return import_module("ordinis_rx.sim")
    if name in _OF_THE_JOURNAL:
        return getattr(import_module("ordinis_rx.journal"), name)
    if name in ("DataAggregator", "ProviderResult"):
        return getattr(import_module("ordinis_rx.pull"), name)
    if name in ("chart", "explain", "table"):
        return getattr(import_module("ordinis_rx.views"), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("ordinis-rx")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
