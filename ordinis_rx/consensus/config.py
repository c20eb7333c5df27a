"""How a consensus is made: method, outliers, patience, weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from ordinis_rx.checks import (
    check_choice,
    check_count,
    check_flag,
    check_is,
    check_not_negative,
    check_number,
    check_positive,
    check_several,
)
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.rules import OutlierRule, RobustOutlier, ZScoreOutlier, check_rule
from ordinis_rx.timebase import HOUR, MINUTE, SECOND, Nanos, doubt_long, doubt_short

__all__ = ["NEVER", "AggregationConfig", "ProviderWeight"]

NEVER: Nanos = 1 << 62
"""A duration that does not end, of 2^62 nanoseconds (146 years); none may be longer."""

_MOST_WEIGHT = 1e100
"""So that no sum of weights, or of prices times weights, is beyond a float."""


@dataclass(frozen=True, slots=True)
class ProviderWeight:
    """How much a provider's word counts (1 for one that is not named); with ``enabled=False`` it is not listened to.

    Raises ValueError for a weight that is negative, not finite or above 1e100: sums of them would be infinite.
    """

    provider_name: str
    weight: float = 1.0
    enabled: bool = True

    def __post_init__(self) -> None:
        check_is("ProviderWeight: provider_name", self.provider_name, str, "a name")
        what = f"ProviderWeight: weight of {self.provider_name!r}"
        check_not_negative(what, self.weight)
        if self.weight > _MOST_WEIGHT:
            raise ValueError(f"{what} must be {_MOST_WEIGHT:g} at most, got {self.weight!r}")
        check_flag("ProviderWeight: enabled", self.enabled)


@dataclass(frozen=True, slots=True)
class AggregationConfig:
    """How reports of many providers fold into one price. Raises ValueError that names the value where one makes no sense.

    >>> AggregationConfig(trimmed_mean_pct=0.5)
    Traceback (most recent call last):
    ...
    ValueError: trimmed_mean_pct must be in [0, 0.5), got 0.5
    """

    method: AggregationMethod = AggregationMethod.MEDIAN
    """How the reports that are used fold into one price."""

    outliers: OutlierRule = field(default_factory=RobustOutlier)
    """Which reports are not used, since they are too far from the others."""

    confidence: Literal["calibrated", "original"] = "calibrated"
    """``"calibrated"``: the probability that the price is within the tolerance; ``"original"``: a score of count, agreement
    and success."""

    min_providers: int = 1
    """The quorum: with fewer reports to use there is no price."""

    timeout_seconds: float = 10.0
    """How long a provider that is asked may take. Where prices are pushed, nobody is waited for."""

    weights: tuple[ProviderWeight, ...] = ()
    """Of the providers whose weight is not 1."""

    trimmed_mean_pct: float = 0.1
    """The share of the weight that TRIMMED_MEAN cuts off at either end."""

    max_age: Nanos = 5 * SECOND
    """How old a report may be, nanoseconds, in the time that events tell, before it is no longer used."""

    max_age_by_symbol: Mapping[str, Nanos] = field(default_factory=lambda: MappingProxyType({}))
    """The same for symbols that are livelier or quieter than most."""

    tolerance_bps: float = 2.0
    """How far off a price may be to count as right, for the calibrated confidence."""

    price: Literal["mid", "microprice"] = "mid"
    """What a quote says that the symbol is worth."""

    volume: Literal["max", "median", "sum"] = "max"
    """What the providers' volumes make together. They mostly tell of the same trades, so that a sum counts them several
    times; take it where each provider is a venue of its own."""

    emit: Literal["change", "every"] | Nanos = "change"
    """When answers are told: when they change, at every report taken, or at most once in each interval of so many
    nanoseconds of event time, counted from 1970."""

    idle: Nanos = 30 * MINUTE
    """After so long without a report, what is known of a symbol is forgotten, and so is a provider of a symbol."""

    time_window: Nanos = 1 * HOUR
    """How far a report's time may be from that of the panel. Only one without `ts_recv` can be too far ahead, since what has
    arrived has happened. Markets are quiet for minutes: where `ts_recv` is not known, a minute is too short."""

    compat: Literal["original"] | None = None
    """``"original"``: methods take no account of age, TRIMMED_MEAN cuts whole reports (one at least), weights weigh the
    weighted mean alone, and weights that are all zero make it a plain mean."""

    reliability: bool = False
    """Whether providers that were often excluded of late weigh less."""

    def __post_init__(self) -> None:
        methods = " ".join(map(str, AggregationMethod))
        check_is("method", self.method, AggregationMethod, f"one of {methods}")
        check_choice("confidence", self.confidence, ("calibrated", "original"))
        check_choice("price", self.price, ("mid", "microprice"))
        check_choice("volume", self.volume, ("max", "median", "sum"))
        check_choice("compat", self.compat, (None, "original"))
        check_flag("reliability", self.reliability)
        check_rule("outliers", self.outliers)
        if self.emit not in ("change", "every") and not _is_duration(self.emit):
            raise ValueError(
                f'emit must be "change", "every" or positive nanoseconds, 1 << 62 at most, got {self.emit!r}'
            )
        check_count("min_providers", self.min_providers, "providers")
        check_number("trimmed_mean_pct", self.trimmed_mean_pct)
        if not 0 <= self.trimmed_mean_pct < 0.5:
            raise ValueError(f"trimmed_mean_pct must be in [0, 0.5), got {self.trimmed_mean_pct!r}")
        check_positive("timeout_seconds", self.timeout_seconds)
        check_positive("tolerance_bps", self.tolerance_bps)
        for name in ("max_age", "idle", "time_window"):
            if not _is_duration(getattr(self, name)):
                raise ValueError(
                    f"{name} must be positive nanoseconds, a whole number such as 5 * SECOND, 1 << 62 at most,"
                    f" got {getattr(self, name)!r}"
                )
        check_is(
            "max_age_by_symbol",
            self.max_age_by_symbol,
            Mapping,
            "a mapping, {'AAPL': 9 * SECOND} say",
        )
        for symbol, age in self.max_age_by_symbol.items():
            if not _is_duration(age):
                raise ValueError(
                    f"max_age of {symbol} must be positive nanoseconds, 1 << 62 at most, got {age!r}"
                )
            doubt_short(f"max_age of {symbol}", age)
        doubt_short("max_age", self.max_age)
        doubt_long("timeout_seconds", self.timeout_seconds)
        self._check_weights()

    def _check_weights(self) -> None:
        check_several("weights", self.weights, '(ProviderWeight("polygon", 2.0),)')
        for each in self.weights:
            check_is("weights", each, ProviderWeight, 'several ProviderWeight("polygon", 2.0)')
        for name, times in Counter(each.provider_name for each in self.weights).items():
            if times > 1:
                raise ValueError(f"weights name provider {name!r} {times} times")
        lenient = self.compat == "original"
        if self.weights and not lenient and not any(each.weight for each in self.weights):
            named = ", ".join(each.provider_name for each in self.weights)
            raise ValueError(f"weights are all zero (of {named})")

    @classmethod
    def original(cls, **overrides: Any) -> AggregationConfig:
        """The rules of the first aggregator of this name, whole: z-score 2.0 from three providers on, its score for
        confidence, its trimming, no account of age, volumes summed.

        Those of its answers that were faulty are not among them: what is excluded moves no bid, ask or volume, and what is
        no price is not averaged.
        """
        rules: dict[str, Any] = {
            "outliers": ZScoreOutlier(),
            "confidence": "original",
            "max_age": NEVER,
            "idle": NEVER,
            "time_window": NEVER,
            "volume": "sum",
            "compat": "original",
        }
        return cls(**{**rules, **overrides})

    @property
    def confirm(self) -> int:
        """Rounds in a row in which a report must be out of line before it is excluded."""
        rule = self.outliers
        if not isinstance(rule, RobustOutlier):
            return 1
        if rule.confirm is not None:
            return rule.confirm
        return 2 if self.method is AggregationMethod.MEDIAN else 1

    @property
    def disabled(self) -> frozenset[str]:
        """The names of providers that are not listened to."""
        return frozenset(each.provider_name for each in self.weights if not each.enabled)

    def weight_of(self, provider: str) -> float:
        """The weight of a provider; 1 where none is given."""
        for each in self.weights:
            if each.provider_name == provider:
                return each.weight
        return 1.0

    def max_age_of(self, symbol: str) -> Nanos:
        """How old a report of *symbol* may be."""
        return self.max_age_by_symbol.get(symbol, self.max_age)


def _is_duration(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= NEVER
