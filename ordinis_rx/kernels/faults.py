"""What a kernel may not do, in words that name it."""

from __future__ import annotations

__all__ = ["KernelFault", "raised_once", "wrong_count", "wrong_row", "wrong_stop"]


class KernelFault(RuntimeError):
    """A kernel that does what none may: it reaches beyond its state, or tells of rows that there are not.

    >>> str(KernelFault("moves", "wrote -1 rows"))
    'kernel moves wrote -1 rows'
    """

    def __init__(self, kernel: str, what: str) -> None:
        super().__init__(kernel, what)
        self.kernel = kernel
        self.what = what

    def __str__(self) -> str:
        return f"kernel {self.kernel} {self.what}"


def wrong_count(kernel: str, written: int, n: int, room: int) -> KernelFault:
    """Of one that says that it wrote so many rows for *n*, with *room* for so many."""
    if 0 <= written <= room:
        return KernelFault(kernel, f"wrote {written} rows for {n}, and no row:i")
    return KernelFault(kernel, f"wrote {written} rows, with room for {room}")


def wrong_stop(kernel: str, stop: int, n: int) -> KernelFault:
    """Of one that says that it stopped at a row that is none of *n*."""
    return KernelFault(kernel, f"wrote {stop} to STOP, of {n} rows")


def wrong_row(kernel: str, row: int, at: int, n: int) -> KernelFault:
    """Of one that tells, in the place *at* of what it wrote, of a row that is none of *n*."""
    return KernelFault(kernel, f"wrote row {row} at {at}, of {n} rows that it was given")


def raised_once(kernel: str) -> KernelFault:
    """Of one that raised as machine code, and not when it was run again to learn what."""
    return KernelFault(kernel, "raised an error, but not a second time")
