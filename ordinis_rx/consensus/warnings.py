"""Settings that turn out to make no sense with the providers that there are: told once, as a warning in the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.rules import ZScoreOutlier
from ordinis_rx.timebase import MINUTE, Nanos

__all__ = ["Doubts"]

_log = logging.getLogger("ordinis_rx.consensus")

_PATIENCE = 1 * MINUTE


class Doubts:
    """Providers with a weight that nobody has heard of, and a z-score that cannot fire with so few.

    Providers come as they come: judged after a minute of event time, or at the end.
    """

    __slots__ = ("_absent", "_providers", "_rule", "_since", "any")

    def __init__(self, config: AggregationConfig) -> None:
        self._absent = {each.provider_name for each in config.weights if each.enabled}
        self._rule = config.outliers if isinstance(config.outliers, ZScoreOutlier) else None
        self._providers = 0
        self._since: Nanos | None = None
        self.any = bool(self._absent) or self._rule is not None

    def look(self, providers: Sequence[str], now: Nanos) -> None:
        """Take note of who is there."""
        if self._since is None:
            self._since = now
        if len(providers) != self._providers:
            self._providers = len(providers)
            self._absent.difference_update(providers)
        if now - self._since > _PATIENCE:
            self.at_the_end()

    def at_the_end(self) -> None:
        """Tell what is doubtful, once."""
        if not self.any:
            return
        self.any = False
        if self._absent:
            named = ", ".join(sorted(self._absent))
            _log.warning("weights name providers that have not been heard of: %s", named)
        rule, count = self._rule, self._providers
        if rule is not None and count >= rule.min_providers and not rule.can_fire(count):
            _log.warning(
                "z-score %g cannot fire with %d providers: no z is above %.3f",
                rule.threshold,
                count,
                (count - 1) / count**0.5,
            )
