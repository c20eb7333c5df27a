"""What makes two facts the same: what their provider says of them, never their values. Fact by fact and by column alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

from ordinis_rx.events import Bar, Event, Trade, TradeCancel, TradeCorrection
from ordinis_rx.frames import Frame

__all__ = ["Key", "Remembered", "key_of", "keys_of", "may_be_told_twice"]

Key: TypeAlias = tuple[tuple[Any, ...], Any]
"""Within what the id tells facts apart, and the id; a false one where a fact has none."""


_Ids: TypeAlias = dict[tuple[Any, ...], set[Any]]
"""The ids that are known, by what they tell facts apart within."""


class _Told(NamedTuple):
    """The fields of a kind that make its key."""

    within: tuple[str, ...]
    ids: tuple[str, ...]


_FIELDS: Final[dict[type[Any], _Told]] = {
    Trade: _Told(("provider", "symbol", "venue"), ("trade_id",)),
    Bar: _Told(("provider", "symbol", "interval"), ("ts_event", "revision")),
    TradeCancel: _Told(("provider", "symbol", "venue"), ("trade_id",)),
    TradeCorrection: _Told(("provider", "symbol", "venue"), ("original_id", "trade_id")),
}
_WITHIN: Final = {kind: attrgetter(*told.within) for kind, told in _FIELDS.items()}
_ID: Final[dict[type[Any], Callable[[Any], Any]]] = {
    kind: attrgetter(*told.ids) for kind, told in _FIELDS.items()
}
_NO_IDS: Final = ("", "")


def key_of(fact: Event) -> Key | None:
    """What makes *fact* the same as another of its kind; None for a kind that cannot say.

    >>> from ordinis_rx.testing import a_trade
    >>> key_of(a_trade(9.0, provider="x", symbol="A", venue="4", trade_id="7"))
    (('x', 'A', '4'), '7')
    """
    kind = fact.__class__
    within = _WITHIN.get(kind)
    return None if within is None else (within(fact), _ID[kind](fact))


def keys_of(frame: Frame) -> Iterable[Key]:
    """The `key_of` each row, without a fact being made; for a frame of which `may_be_told_twice` is true."""
    within, ids = _FIELDS[frame.kind]
    told = [_values(frame, name) for name in ids]
    return zip(
        zip(*(_values(frame, name) for name in within), strict=True),
        told[0] if len(told) == 1 else zip(*told, strict=True),
        strict=True,
    )


def may_be_told_twice(frame: Frame) -> bool:
    """Whether any row of *frame* may have an id; asked before anything is made of columns."""
    told = _FIELDS.get(frame.kind)
    if told is None:
        return False
    return any(name in frame.schema.index or frame.has_objects(name) for name in told.ids)


def _values(frame: Frame, name: str) -> Iterable[Any]:
    if name in ("symbol", "provider"):
        words = frame.names.symbols.words if name == "symbol" else frame.names.providers.words
        return map(words.__getitem__, getattr(frame, name).tolist())
    if name in frame.schema.index:
        numbers: list[Any] = getattr(frame, name).tolist()
        return numbers
    return frame.object_column(name)


class Remembered:
    """At least the last *remember* ids of all kinds, and never more than twice as many.

    Two generations, the older thrown away as a whole: an id costs two look-ups and no bookkeeping.
    """

    __slots__ = ("_old", "_remember", "_young", "room")

    def __init__(self, remember: int) -> None:
        self._remember = self.room = remember
        """How many more ids can be taken before any is forgotten: until then their order is of no account."""
        self._young: dict[type[Any], _Ids] = {}
        self._old: dict[type[Any], _Ids] = {}

    def new(self, kind: type[Any], keys: Iterable[Key]) -> list[int]:
        """The places of those *keys* that are not known yet, and of those without an id."""
        places: list[int] = []
        young, old = self._of(kind)
        for k, (within, told) in enumerate(keys):
            if told and told != _NO_IDS:
                mine = young.get(within)
                if mine is None:
                    young[within] = mine = set[Any]()
                if told in mine or ((theirs := old.get(within)) is not None and told in theirs):
                    continue
                if self.room == 0:
                    self._old, self._young, self.room = self._young, {}, self._remember
                    young, old = self._of(kind)
                    young[within] = mine = set[Any]()
                mine.add(told)
                self.room -= 1
            places.append(k)
        return places

    def _of(self, kind: type[Any]) -> tuple[_Ids, _Ids]:
        return self._young.setdefault(kind, {}), self._old.get(kind, {})
