"""What is known of a frame below frames: rows of one kind of fact, by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Schema

__all__ = ["Columnar"]


class Columnar(Protocol):
    """Rows of one kind of fact, by column."""

    __slots__ = ()

    schema: ClassVar[Schema]
    names: Names
    n: int
    rests_on_facts: bool
    held: list[Any] | None

    def __init__(self, names: Names) -> None: ...

    @property
    def facts(self) -> list[Any]:
        """The rows as facts."""
        ...

    def lookup(self, name: str) -> tuple[Block, int]:
        """Where a column of numbers lies: a block, and which of its columns."""
        ...

    def has_objects(self, name: str) -> bool:
        """Whether a field without such a column may differ from its default somewhere."""
        ...

    def object_column(self, name: str) -> Iterable[Any]:
        """The values of a field without such a column."""
        ...

    def objects_at(self, name: str, rows: Sequence[int]) -> list[Any]:
        """The values of a field without such a column in those rows."""
        ...

    def hold(self, facts: list[Any]) -> None:
        """Rest on *facts*."""
        ...

    def hold_columns(
        self, block: Block, n: int, objects: dict[str, Sequence[Any]] | None = None
    ) -> None:
        """Rest on the first *n* rows of *block*."""
        ...
