"""The third step of a consensus: who is too far from the others."""

from __future__ import annotations

import logging

from msgspec.structs import replace

from ordinis_rx.checks import check_count, check_flag
from ordinis_rx.consensus.facts import Entry, Panel
from ordinis_rx.consensus.numbers import RuleNumbers, rule_numbers
from ordinis_rx.consensus.rules import OutlierRule, RobustOutlier, check_rule
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.outliers import (
    DISPUTED,
    EXCLUDED,
    MARK,
    SPLIT,
    judge_panel,
    kept_of,
    measure,
)
from ordinis_rx.kernels.robust import arrange, mean_square_distance, median
from ordinis_rx.kernels.scale import (
    ALL,
    NOBODY,
    SCALE2,
    TRACK,
    VOLATILITY2,
    learn,
    learn_from_all,
    least_scale,
    squared_distance,
    usual_scale,
)
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.typing import Operator

__all__ = ["Rejecting", "log_move", "moves_are_logged", "reject_outliers"]

_log = logging.getLogger("ordinis_rx.consensus")

_DEFAULT = RobustOutlier()


def reject_outliers(
    rule: OutlierRule = _DEFAULT, *, confirm: int = 2, reliability: bool = False
) -> Operator[Panel, Panel]:
    """Mark the entries of each panel that are too far from the others, by *rule*; none is removed.

    One panel out for each in, at once. An entry that is too far away is ``excluded``; the panel says whether it is
    ``disputed`` or ``split``, and its ``scale``: how far reports of the symbol usually are from their median, which is
    learnt as panels come, for each symbol by itself. A round is one panel with a new report. *confirm* is in how many rounds
    in a row an entry must be out of line before it is excluded, for a `RobustOutlier` that does not say; until then it has a
    weight of 0. With *reliability* an entry weighs less, the more often its provider was excluded of late. Who is excluded,
    or used again, is logged (``INFO``).

    Raises TypeError where *confirm* is not whole or *reliability* not a bool, ValueError for a *confirm* below 1 and for
    what is no rule.

    >>> from ordinis_rx.consensus import panel, validate
    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(99, 101, provider="a"), a_quote(99, 101, provider="b"), a_quote(120, 122, provider="c")]
    >>> panels = through(lambda events: events.pipe(validate(), panel(), reject_outliers()), [*told, *told])
    >>> [(entry.provider, entry.excluded) for entry in panels[-1].entries]
    [('a', False), ('b', False), ('c', True)]
    """
    check_rule("reject_outliers: rule", rule)
    check_count("reject_outliers: confirm", confirm, "rounds")
    check_flag("reject_outliers: reliability", reliability)
    own = rule.confirm if isinstance(rule, RobustOutlier) else None
    numbers = rule_numbers(rule, confirm if own is None else own)

    def make() -> Telling:
        rejecting = Rejecting(numbers, reliability=reliability)
        return lambda item: map(rejecting.judged, item.facts)

    return hears(telling(make), Panel, tells=Panel)


def moves_are_logged() -> bool:
    """Whether anybody reads what `log_move` says."""
    return _log.isEnabledFor(logging.INFO)


def log_move(
    symbol: str, provider: str, excluded: bool, away_bps: float, *, alone: bool = True
) -> None:
    """Say that a provider is excluded, or used again; not *alone*: that *away_bps* is that of the farthest of several.

    NaN tells that it has nothing to say any more.
    """
    how = "excluded" if excluded else "used again"
    if away_bps != away_bps:
        _log.info("%s: %s is %s", symbol, provider, how)
    else:
        most = "" if alone else "up to "
        text = "%s: %s is %s, %s%+.2f bps from the others"
        _log.info(text, symbol, provider, how, most, away_bps)


class _Symbol:
    """What is remembered of one symbol."""

    __slots__ = ("doubts", "marks", "rounds", "since", "track")

    def __init__(self) -> None:
        self.track = [0.0] * TRACK
        self.since = [0]
        self.rounds = [0, 0]
        self.marks: dict[str, list[int]] = {}
        self.doubts: dict[str, float] = {}

    def keep(self, known: set[str]) -> None:
        """Forget the providers that are not known any more."""
        for name in [name for name in self.marks if name not in known]:
            del self.marks[name], self.doubts[name]


class Rejecting:
    """One subscriber's rule at work."""

    __slots__ = ("_reliability", "_rule", "_symbols")

    def __init__(self, rule: RuleNumbers, *, reliability: bool) -> None:
        self._rule = rule
        self._reliability = reliability
        self._symbols: dict[str, _Symbol] = {}

    def judged(self, panel: Panel) -> Panel:
        """*panel* with who is excluded."""
        entries = panel.entries
        named = {entry.provider for entry in entries} | {*panel.stale, *panel.lost}
        known = named - {panel.provider} if panel.newcomer else named
        if not known:
            self._symbols.pop(panel.symbol, None)
        if not named:
            return panel
        state = self._symbols.get(panel.symbol)
        if state is None:
            state = self._symbols[panel.symbol] = _Symbol()
        state.keep(known)
        n = len(entries)
        if n == 0:
            return panel
        value = [entry.price for entry in entries]
        order, level = [0] * n, [0.0] * n
        arrange(value, n, order, level)
        middle = median(level, n)
        marks = [number for e in entries for number in state.marks.get(e.provider, _UNMARKED)]
        excluded = [0] * n
        doubts = [state.doubts.get(entry.provider, 0.0) for entry in entries]
        weights = [1.0 - doubt if self._reliability else 1.0 for doubt in doubts]
        flags, usual = self._judge(panel, state, order, level, value, marks, weights, excluded)
        judged: list[Entry] = []
        for i, entry in enumerate(entries):
            name = entry.provider
            doubt = doubts[i]
            judged.append(replace(entry, excluded=bool(excluded[i]), weight=weights[i]))
            if panel.reporter in (i, ALL):
                doubt += 0.01 * (float(excluded[i]) - doubt)
            if bool(state.marks.get(name, _UNMARKED)[EXCLUDED]) != bool(excluded[i]):
                away = (value[i] - middle) / middle * 1e4
                log_move(panel.symbol, name, bool(excluded[i]), away)
            state.marks[name] = marks[i * MARK : (i + 1) * MARK]
            state.doubts[name] = doubt
        return replace(
            panel,
            entries=tuple(judged),
            disputed=bool(flags & DISPUTED),
            split=bool(flags & SPLIT),
            scale=usual,
            scale2=state.track[SCALE2],
            volatility2=state.track[VOLATILITY2],
        )

    def _judge(
        self,
        panel: Panel,
        state: _Symbol,
        order: list[int],
        level: list[float],
        value: list[float],
        marks: list[int],
        weights: list[float],
        excluded: list[int],
    ) -> tuple[int, float]:
        rule, entries, track = self._rule, panel.entries, state.track
        n = len(entries)
        bid, ask = [entry.bid for entry in entries], [entry.ask for entry in entries]
        ages = [float(entry.age) for entry in entries]
        kept, far, limit = [0] * n, [0.0] * n, [0.0] * n
        widest = max((a - b for b, a in zip(bid, ask, strict=True) if a > b), default=0.0)
        centre = median(level, n)
        usual = usual_scale(
            track[SCALE2], least_scale(rule.floor, rule.tick, centre), centre, widest, n, bid + ask, 0, n, 1, [0.0] * n
        )  # fmt: skip
        older = max(ages[order[n >> 1]], ages[order[(n - 1) >> 1]])
        beyond = measure(
            rule.rule, rule.k, rule.floor, usual, track[VOLATILITY2], n, older, level, value, ages, state.rounds[1], far,
            limit,
        )  # fmt: skip
        flags = judge_panel(
            rule.rule, rule.k, rule.confirm, rule.least, usual, track[VOLATILITY2], n, level, ages, list(range(n)),
            panel.reporter != NOBODY, marks, 0, not panel.stale and not panel.lost, state.rounds, 0, weights, beyond, far,
            limit, excluded,
        )  # fmt: skip
        m = kept_of(order, level, excluded, n, kept)
        reporter, told = panel.reporter, (track, 0, state.since, 0)
        if reporter == ALL:
            learn_from_all(
                flags, panel.clock, rule.alpha, usual, n, beyond, far, limit, kept, level, m, *told
            )
        elif reporter != NOBODY and not flags:
            in_line = beyond == 0 or far[reporter] <= limit[reporter]
            centre = median(level, m)
            learn(
                squared_distance(value[reporter], centre), int(in_line and not excluded[reporter]), panel.clock, rule.alpha,
                usual, n, m, mean_square_distance(m), centre, *told,
            )  # fmt: skip
        return flags, usual


_UNMARKED = (0,) * MARK
