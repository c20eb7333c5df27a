"""Volume without TA-Lib: the volume-weighted price since an anchor, money flow, force, and relative volume."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ordinis_rx.calendars import sessions
from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.native import ExponentialMean, Native, Rolling
from ordinis_rx.timebase import SECOND

__all__ = ["Force", "MoneyFlow", "RelativeVolume", "VolumePrice"]


class VolumePrice(Native):
    """The mean of typical prices by volume, begun anew with each period, each day of a time zone, or each session."""

    __slots__ = ("every", "money", "sessions", "since", "until", "volume", "zone")

    def __init__(self, every: int, since: int, zone: str, calendar: str) -> None:
        chosen = {"every": every, "zone": zone, "calendar": calendar}
        given = [f"{word}={value!r}" for word, value in chosen.items() if value]
        if len(given) > 1:
            raise ValueError(
                f"vwap begins anew by one of every, zone and calendar, got {' '.join(given)}"
            )
        self.every = every
        self.since = since
        self.zone = ZoneInfo(zone) if zone else None
        self.sessions = sessions(calendar) if calendar else None
        self.money = self.volume = 0.0
        self.until: int | None = None

    def update(
        self, high: float, low: float, close: float, volume: float, ts_event: float
    ) -> float:
        """The mean with this bar as the last; a bar belongs to the period that it ends in, or with.

        NaN for a bar that ends outside of any session, where these count. Times are as exact as a float holds them, which is
        to 256 ns: columns and checkpoints have them as floats.
        """
        ended = int(float(ts_event))
        if ended <= self.since and self.since:
            return NAN
        if self.until is None or ended > self.until:
            until = self._end_of(ended - 1)
            if until is None:
                return NAN
            self.until = until
            self.money = self.volume = 0.0
        self.money += (high + low + close) / 3.0 * volume
        self.volume += volume
        return self.money / self.volume if self.volume > 0.0 else NAN

    def _end_of(self, moment: int) -> int | None:
        """When the period ends that *moment* is in; None where it is in none."""
        if self.sessions is not None:
            session = self.sessions.at(moment)
            return None if session is None else session.close
        if self.zone is not None:
            day = datetime.fromtimestamp(moment // SECOND, UTC).astimezone(self.zone).date()
            midnight = datetime.fromordinal(day.toordinal() + 1).replace(tzinfo=self.zone)
            return int(midnight.timestamp()) * SECOND
        if not self.every:
            return 1 << 63
        return moment - (moment - self.since) % self.every + self.every


class MoneyFlow(Native):
    """Chaikin's money flow: the volume of *period* bars, each by where in its range it closed, to all their volume."""

    __slots__ = ("flow", "volume")

    def __init__(self, period: int) -> None:
        self.flow = Rolling(period)
        self.volume = Rolling(period)

    def update(self, high: float, low: float, close: float, volume: float) -> float:
        """The flow from -1 to 1 with this bar as the last; 0 where nothing was traded."""
        reach = high - low
        share = ((close - low) - (high - close)) / reach if reach > 0.0 else 0.0
        flow, total = self.flow.update(share * volume), self.volume.update(volume)
        if total != total:
            return NAN
        return flow / total if total > 0.0 else 0.0


class Force(Native):
    """Elder's force: how far the close came, times the volume, as an exponential mean."""

    __slots__ = ("close", "mean")

    def __init__(self, period: int) -> None:
        self.close = NAN
        self.mean = ExponentialMean(period)

    def update(self, close: float, volume: float) -> float:
        """The force with this bar as the last."""
        before, self.close = self.close, close
        return NAN if before != before else self.mean.update((close - before) * volume)


class RelativeVolume(Native):
    """The volume to the mean of the *period* volumes before; where that is 0 inf, or NaN without a volume, as TA-Lib."""

    __slots__ = ("before", "period", "total")

    def __init__(self, period: int) -> None:
        self.period = period
        self.before = Rolling(period)
        self.total = NAN

    def update(self, volume: float) -> float:
        """The ratio with this bar as the last."""
        mean = self.total / self.period
        self.total = self.before.update(volume)
        if mean > 0.0:
            return volume / mean
        return math.inf if mean == 0.0 and volume > 0.0 else NAN
