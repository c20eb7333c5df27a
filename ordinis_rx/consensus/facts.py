"""The facts of a consensus: what a provider reports, what a panel of them holds, what comes out, and what was refused."""

from __future__ import annotations

import enum
from typing import ClassVar

import msgspec

from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.display import Sheet, Shown, figures, listed, measured, milliseconds, moment
from ordinis_rx.events import NAN, Providers, StreamEventType, Timed
from ordinis_rx.operators.overflow import conflates_by_symbol
from ordinis_rx.timebase import Nanos

__all__ = ["AggregatedQuote", "ConsensusStatus", "Entry", "Panel", "Reject", "Report", "ReportKind"]


class ConsensusStatus(enum.Enum):
    """How far an answer may be trusted."""

    OK = "OK"
    """Every provider that is known of the symbol was used, two at least."""

    DEGRADED = "DEGRADED"
    """There is a price, but somebody is missing: stale, lost, excluded, or there is only one report."""

    DISPUTED = "DISPUTED"
    """The reports used are too far apart, and too few to tell who is wrong; the interval is wide enough for all."""

    NO_CONSENSUS = "NO_CONSENSUS"
    """Two camps of equal weight: no price."""

    NO_QUORUM = "NO_QUORUM"
    """Fewer reports than the quorum asks for: no price."""


class AggregatedQuote(
    msgspec.Struct,
    Timed,
    Shown,
    frozen=True,
    gc=False,
    kw_only=True,
    tag_field="type",
    tag="CONSENSUS",
):
    """One price out of many reports, and how far it may be trusted. `price` is NaN where there is none.

    `provider`, `seq` and `ts_recv` are those of the report that led to it. `ts_event` is the latest time that any report has
    told by then: one that comes late leads to an answer of now, since that is made of newer ones, too.

    >>> AggregatedQuote(symbol="AAPL", ts_event=0, price=101.0, providers_used=("alpaca", "polygon"), provider_count=2,
    ...                 outliers_excluded=("finnhub",)).source_summary
    '2 of 3: alpaca, polygon; finnhub excluded (outlier)'
    """

    type: ClassVar[StreamEventType] = StreamEventType.CONSENSUS

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    method: AggregationMethod = AggregationMethod.MEDIAN
    price: float = NAN
    half_width: float = NAN
    """The true price is within `price` ± `half_width` with 95 %, if errors are independent; an error that is common to all
    providers shows nowhere. NaN, with a confidence of 0, where nothing is known of that: without a price, and of a lone
    report without a spread by a rule with a floor of 0, as long as nothing was learnt."""
    confidence: float = 0.0
    status: ConsensusStatus = ConsensusStatus.OK
    bid: float = NAN
    """Never above `ask`; both from the providers used alone."""
    ask: float = NAN
    volume: float = NAN
    """What the providers used have told of as traded since they were first heard, put together as the configuration has it;
    of a row of reports, or of pulled answers, that of each one's trade. Trades count that may move the last price and the
    volume; NaN where there are none."""
    crossed_share: float = 0.0
    """Of the pairs of books among the providers used, the share in which one's bid is above the other's ask."""
    provider_count: int = 0
    """How many are used."""
    providers_used: Providers = ()
    outliers_excluded: Providers = ()
    stale: Providers = ()
    """Known of the symbol, but with nothing fresh to say."""
    lost: Providers = ()
    """Disconnected, or with a gap in what they told, and not heard of since; of a pulled answer, those, too, who were asked
    and gave none that is fit to be used."""
    age: Nanos = 0
    """How old the reports used are, on the average."""

    @property
    def has_price(self) -> bool:
        """Whether there is a price at all."""
        return self.price == self.price

    @property
    def spread(self) -> float:
        """Ask less bid; NaN where there is no book."""
        return self.ask - self.bid

    @property
    def spread_bps(self) -> float:
        """The spread in basis points of the middle of bid and ask; NaN where there is no book."""
        return self.spread / (self.bid + self.ask) * 20_000 if self.bid > 0 else NAN

    @property
    def spread_pct(self) -> float:
        """Ask less bid in per cent of the bid; NaN where there is no book."""
        return (self.ask - self.bid) / self.bid * 100 if self.bid > 0 else NAN

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Each known provider that was not used, and why: ``outlier``, ``stale`` or ``lost``."""
        pairs = [(name, "outlier") for name in self.outliers_excluded]
        pairs += [(name, "stale") for name in self.stale]
        pairs += [(name, "lost") for name in self.lost]
        return tuple(sorted(pairs))

    @property
    def source_summary(self) -> str:
        """Who was used and who was not, in one line."""
        reasons = self.reasons
        used = ", ".join(self.providers_used) or "nobody"
        count = len(self.providers_used)
        summary = f"{count} of {count + len(reasons)}: {used}"
        if reasons:
            excluded = ", ".join(f"{name} excluded ({reason})" for name, reason in reasons)
            summary += f"; {excluded}"
        return summary

    def _sheet(self) -> Sheet:
        return figures(
            f"AggregatedQuote of {self.symbol}, {self.status.value}",
            {
                "ts_event": moment(self.ts_event),
                "price": f"{measured(self.price)} ± {measured(self.half_width, 2)}",
                "confidence": f"{self.confidence:.0%}",
                "bid, ask": f"{measured(self.bid)}, {measured(self.ask)}",
                "volume": measured(self.volume),
                "method": self.method.name,
                "providers_used": listed(self.providers_used),
                "reasons": listed([f"{name} {reason}" for name, reason in self.reasons]),
                "crossed_share": f"{self.crossed_share:.0%}",
                "age": milliseconds(self.age),
            },
        )


class ReportKind(enum.Enum):
    """What a report is made of: a quote, a trade, a loss or a sign of time. `validate` makes losses of statuses and gaps."""

    QUOTE = "QUOTE"
    TRADE = "TRADE"
    LOST = "LOST"
    """What the provider said of the symbol counts no more."""
    LOST_SYMBOLS = "LOST_SYMBOLS"
    """What the provider said of any symbol counts no more."""
    LOST_PROVIDERS = "LOST_PROVIDERS"
    """What any provider said of the symbol counts no more."""
    LOST_ALL = "LOST_ALL"
    """Nothing counts any more."""
    TIME = "TIME"
    """Time went on."""


conflates_by_symbol(AggregatedQuote)


class Report(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="REPORT"
):
    """What a provider says that a symbol is worth, found fit to be used; or that its words are lost, or that time went on.

    Times, `provider` and `seq` are those of the fact that it was made of, unchanged: a `ts_event` that cannot be believed
    (more than a second ahead of `ts_recv`) stands here as it came, while `clock`, and ages in a panel, go by `ts_recv` then.
    `price` is the mid or microprice of a quote, or the price of a trade, which has no `bid` and `ask`; a loss and a time
    have no numbers (NaN).
    """

    type: ClassVar[StreamEventType] = StreamEventType.REPORT

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    kind: ReportKind
    price: float = NAN
    bid: float = NAN
    ask: float = NAN
    size: float = 0.0
    clock: Nanos = 0
    """The latest time that can be believed of all reports so far, nanoseconds: the time by which reports grow old."""
    success: float = 1.0
    """Which share of the provider's reports was fit to be used so far, from 0 to 1."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A provider's newest word on a symbol, as it stands in a panel: a quote, or a trade, which has no `bid` and `ask`."""

    provider: str
    price: float
    bid: float = NAN
    ask: float = NAN
    volume: float = 0.0
    """The sizes of its trades in the symbol since it was first heard of, added up."""
    age: Nanos = 0
    """How old it is by the panel's `clock`, nanoseconds."""
    weight: float = 1.0
    """How much it counts: 1, less where the provider is not reliable, and 0 while it is in doubt; see `reject_outliers`."""
    success: float = 1.0
    """Which share of the provider's reports was fit to be used so far, from 0 to 1."""
    excluded: bool = False
    """Whether it is too far from the others to be used."""


class Panel(msgspec.Struct, Timed, frozen=True, kw_only=True, tag_field="type", tag="PANEL"):
    """The fresh reports on one symbol, one a provider, and what the operators on the way have found out about them.

    Times, `provider` and `seq` are those of the report that led to it. `entries` stand in the order in which their providers
    were first heard of. `reporter` is the number of the entry that is new: -1 where none is (entries were lost or grew too
    old, or a trade came whose provider has a fresh quote), -2 where all are. `price` and what follows it are `combine`'s.
    """

    type: ClassVar[StreamEventType] = StreamEventType.PANEL

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    entries: tuple[Entry, ...]
    reporter: int = -2
    newcomer: bool = False
    """Whether nothing was known of `provider`, whose report this is, on this symbol before."""
    clock: Nanos = 0
    """The time by which the ages of its entries are counted, nanoseconds; see `Report`."""
    stale: Providers = ()
    """Known of the symbol, but with nothing fresh to say."""
    lost: Providers = ()
    """Disconnected, or with a gap in what they told, and not heard of since."""
    scale: float = NAN
    """How far reports of this symbol usually are from their median, as a share of the price; at least the floor."""
    scale2: float = 0.0
    """The same squared, without the floor; 0 while nothing is known."""
    volatility2: float = 0.0
    """The squared move of the median in a second, as a share of the price."""
    disputed: bool = False
    """The reports left are too far apart, and too few to tell who is wrong."""
    split: bool = False
    """The reports are two camps of equal weight."""
    method: AggregationMethod = AggregationMethod.MEDIAN
    status: ConsensusStatus = ConsensusStatus.OK
    price: float = NAN
    error: float = NAN
    """The standard error of the price; NaN where it is unknown."""
    off_centre: float = 0.0
    """How far MIN and MAX are from the middle."""
    bid: float = NAN
    ask: float = NAN
    volume: float = NAN
    crossed_share: float = 0.0


class Reject(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="REJECT"
):
    """A report that was not fit to be used: its value (the price of a trade, the mid of a quote) and what is wrong with it.

    `reason` is a short stable word for counting: ``not-a-number``, ``not-positive``, ``crossed``, ``one-sided``, ``ahead``
    and ``late`` (the time of the report is too far from the panel's), ``too-many-providers`` (more than 62 that
    the root of the stream has named, see `consensus`). Times, provider and `seq` are those of the fact.
    """

    type: ClassVar[StreamEventType] = StreamEventType.REJECT

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    reason: str
    value: float = NAN
