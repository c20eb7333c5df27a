"""Room for the numbers of a lone answer, on the way from one step of a consensus to the next."""

from __future__ import annotations

import threading

from ordinis_rx.kernels.abreast import NUMBERS, REALS

__all__ = ["scratch"]


class _Scratch(threading.local):
    """One for each thread: nobody keeps anything in it, and it is too large for each subscriber to have one."""

    def __init__(self) -> None:
        self.lane = [0.0] * REALS
        self.number = [0] * NUMBERS


scratch = _Scratch()
"""Floats and integers as `ordinis_rx.kernels.abreast` lays them out; what is in them holds until the next step is taken."""
