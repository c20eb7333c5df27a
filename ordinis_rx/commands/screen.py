"""Where the demo shows itself: a live table in a terminal, plain tables at the end elsewhere, nothing beside JSON."""

from __future__ import annotations

import sys
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live

__all__ = ["Screen"]

PLAIN_WIDTH = 120
"""Columns where there is no terminal that would have a width of its own."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line: that nobody reads any more is no failure."""
        raise BrokenPipeError


class Screen:
    """Shows what changes while the context lasts, and what stays after it."""

    def __init__(self, *, silent: bool = False) -> None:
        self._console = _Console(file=sys.stdout)
        self.moves = not silent and self._console.is_terminal and not self._console.is_dumb_terminal
        """Whether what is shown can change in place."""
        if not self._console.is_terminal:
            self._console.width = PLAIN_WIDTH
        # No thread: it is drawn when there is something new to draw.
        self._live = Live(console=self._console, auto_refresh=False) if self.moves else None

    def __enter__(self) -> Self:
        """Take the terminal."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back, cursor and all."""
        if self._live is not None:
            self._live.stop()

    def update(self, figures: RenderableType) -> None:
        """Show *figures* in place of what was shown before; only where that is possible."""
        if self._live is not None:
            self._live.update(figures, refresh=True)

    def say(self, figures: RenderableType) -> None:
        """Show what stays."""
        self._console.print(figures)
