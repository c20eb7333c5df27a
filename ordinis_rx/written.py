"""Python that is written while we run, as namedtuple does: code for just these fields, with no loop over them."""

from __future__ import annotations

import functools
from types import CodeType
from typing import Any

__all__ = ["define"]

_MOST = 1024
"""Texts whose code is kept: every subscriber of an operator has the same one run, in a scope of its own."""


def define(source: str, scope: dict[str, Any]) -> None:
    """Run the definitions of *source* in *scope*, which has what they refer to, and has them afterwards.

    >>> scope = {"step": 5}
    >>> define("def later(at):\\n    return at + step", scope)
    >>> scope["later"](2)
    7
    """
    exec(_compiled(source), scope)


@functools.lru_cache(maxsize=_MOST)
def _compiled(source: str) -> CodeType:
    """Compiling takes some ten times as long as running what was compiled."""
    return compile(source, "<written>", "exec")
