"""TA-Lib's functions and our indicators as operators: one, or several in one pass."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_choice, check_is
from ordinis_rx.events import Event, Reading
from ordinis_rx.hearing import hears
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.indicators.bank import Bank
from ordinis_rx.operators.indicators.catalogue import kind_of
from ordinis_rx.operators.indicators.plan import Plan, named
from ordinis_rx.operators.indicators.spec import Indicator, indicator, parse
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.paving import Paving
from ordinis_rx.remembering import RowByRow
from ordinis_rx.stepping import Stage, staged
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Options", "WarmUp", "indicators", "of_spec", "of_specs", "ta"]

WarmUp: TypeAlias = Literal["skip", "nan"]
"""Whether nothing is told until an indicator knows something, or NaN."""


class Options(TypedDict, total=False):
    """What every operator of an indicator may be told besides."""

    warm_up: WarmUp
    skipped: SideOutput[Any] | None
    memory: OperatorMemory | None


def ta(
    name: str,
    *,
    of: str | Sequence[str] | None = None,
    warm_up: WarmUp = "skip",
    skipped: SideOutput[Any] | None = None,
    memory: OperatorMemory | None = None,
    **params: float,
) -> Operator[Event, Reading]:
    """The function *name* of TA-Lib's (``"RSI"``, in any letters), one reading a bar of each symbol.

    *params* are TA-Lib's own by its names (``timeperiod=14``), and its defaults otherwise. It reads the prices of bars that
    TA-Lib has for it (most: the close); *of* names others, of bars or of another kind of fact: ``of="volume"``,
    ``of="mid"``, ``of=("high", "low")``. A reading has the times, provider and `seq` of the bar that caused it, and is told
    at once. Where there are several outputs they stand in `values`, in TA-Lib's order, and by name:
    ``reading.upper`` of ``ta("BBANDS")`` (the names are in `ordinis_rx.outputs`). All numbers are those of TA-Lib's batch
    function over all bars of the symbol so far, to the last bit; what they mean and whence they come is told at
    https://ta-lib.org/functions.

    Nothing is told before a symbol has the bars that the function looks back on (``indicator(name).warm_up``), or NaN with
    ``warm_up="nan"``. Time is not asked: a bar is a bar, however long after the last. A bar that ends with the last one and
    has a higher `revision` replaces it, and is answered anew; so does a reading of the time and name of the last one. What
    lacks a number, late bars and old revisions are left out, and told to *skipped*. Facts of other kinds are left out. With
    *memory* the state can be saved and taken up again, for eight bytes a number that was read.

    Raises ValueError for what TA-Lib does not have or take, `MissingExtra` (extra ``indicators``) where it is not installed.

    >>> from ordinis_rx.testing import a_bar, through
    >>> [reading.value for reading in through(ta("SMA", timeperiod=2), [a_bar(c, at=c) for c in (1, 2, 4)])]
    [1.5, 3.0]
    """
    check_is("ta: name", name, str, "that of a function of TA-Lib's, ta('RSI') say")
    return of_spec(indicator(name.upper(), of=of, **params), warm_up, skipped, memory)


def indicators(
    *,
    warm_up: WarmUp = "nan",
    skipped: SideOutput[Any] | None = None,
    memory: OperatorMemory | None = None,
    **chosen: Indicator | str,
) -> Operator[Event, Reading]:
    """Several indicators in one pass: one reading a bar of each symbol, with all their outputs by the caller's names.

    Each is an `Indicator` or what `parse` reads: ``indicators(rsi="rsi:14", bb="bbands:20")`` tells rows with ``row.rsi``,
    ``row.bb_upper``, ``row.bb_middle`` and ``row.bb_lower``; `values` has them in that order, also where there is but one.
    With ``close="close"`` the bar's close is among them, so that a rule can hold it against an average.
    All must read facts of one kind, and a fact that lacks a number for one of them is left out for all, and told to
    *skipped*. What is not known yet is NaN; with ``warm_up="skip"`` nothing is told until everything is. Otherwise as `ta`.

    >>> from ordinis_rx.testing import a_bar, through
    >>> rows = through(indicators(slow="sma:3", dc="donchian:2"), [a_bar(c, at=c) for c in (1, 2, 6)])
    >>> rows[1].slow, rows[2].slow, rows[2].dc_upper
    (nan, 3.0, 6.0)
    """
    if not chosen:
        raise ValueError("indicators: name at least one, as in indicators(rsi='rsi:14')")
    for key, each in chosen.items():
        check_is(
            f"indicators: {key}", each, Indicator | str, "an indicator or its text, 'rsi:14' say"
        )
    specs = {key: parse(each) if isinstance(each, str) else each for key, each in chosen.items()}
    return of_specs(specs, warm_up, skipped, memory)


def of_specs(
    specs: Mapping[str, Indicator],
    warm_up: WarmUp = "nan",
    skipped: SideOutput[Any] | None = None,
    memory: OperatorMemory | None = None,
    **unknown: object,
) -> Operator[Event, Reading]:
    """The operator of several indicators by the caller's names."""
    _refuse(unknown, next(iter(specs.values())))
    plan = Plan(list(specs.values()), named(specs), as_row=True)
    return _operator(plan, warm_up, skipped, memory)


def of_spec(
    spec: Indicator,
    warm_up: WarmUp = "skip",
    skipped: SideOutput[Any] | None = None,
    memory: OperatorMemory | None = None,
    **unknown: object,
) -> Operator[Event, Reading]:
    """The operator of one indicator, whose readings carry its name; what nobody knows of it is refused by that name."""
    _refuse(unknown, spec)
    return _operator(Plan([spec], spec.label), warm_up, skipped, memory)


def _refuse(unknown: Mapping[str, object], spec: Indicator) -> None:
    read = kind_of(spec.name).inputs
    of = ["of"] if read == ("close",) else []  # the operators of the others are of bars alone
    for name in unknown:
        known = [*(word for word, _ in spec.params), *of, *Options.__annotations__]
        near = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]}?" if near else f"it takes {' '.join(known)}"
        if name == "of":
            meant = f"it reads {' '.join(read)}"
        raise TypeError(f"{spec.label} takes no {name}; {meant}")


def _operator(
    plan: Plan, warm_up: WarmUp, skipped: SideOutput[Any] | None, memory: OperatorMemory | None
) -> Operator[Event, Reading]:
    check_choice(f"{plan.name}: warm_up", warm_up, ("skip", "nan"))
    check_side(f"{plan.name}: skipped", skipped)
    check_memory(plan.name, memory)
    from_fact = plan.warm_up if warm_up == "skip" else 1
    tell = None if skipped is None else skipped.tell

    def stage(observer: FlowObserver) -> FlowObserver:
        bank = Bank(plan, from_fact, tell, remembers=memory is not None)
        if memory is not None:
            saved = memory.attach(" ".join(map(str, plan.indicators)), bank.save)
            if saved is not None:
                bank.take_up(saved)
        reading = _Reading(observer, bank)
        return reading if memory is None else RowByRow(reading)

    return hears(lambda source: staged(source, stage), plan.frame.kind, tells=Reading)


class _Reading(Stage):
    """The way of items through a bank, and of one fact alone."""

    __slots__ = ("_bank",)

    def __init__(self, observer: FlowObserver, bank: Bank) -> None:
        super().__init__(observer)
        self._bank = bank

    def on_item(self, item: Item) -> None:
        """Hand on the readings that an item causes."""
        if self._ended:
            return
        try:
            out, failed = self._bank.step(item)
        except Exception as error:
            out, failed = None, error
        if out is not None:
            out.turn = item.turn
            self._observer.on_item(out)
        if failed is not None:
            self._fail(failed)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone."""
        if kind is self._bank.plan.frame.kind:
            paving.write("if stage._ended:\n    leave", stage=self)
            self._bank.pave(paving, self._fail)
            paving.into(self._observer, Reading)
