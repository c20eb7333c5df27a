"""The shapes that the whole library is written in: an operator takes a stream and gives one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from reactivex import Observable

__all__ = ["A", "B", "Operator"]

A = TypeVar("A")
"""What enters an operator."""

B = TypeVar("B")
"""What leaves it."""

Operator: TypeAlias = Callable[[Observable[A]], Observable[B]]
"""``Operator[Trade, Bar]`` reads: trades in, bars out. Goes into ``stream.pipe(...)``."""
