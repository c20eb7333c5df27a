"""All kernels of the library got ready at once, ahead of the streams that need them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

from ordinis_rx import kernels
from ordinis_rx.errors import MissingExtra
from ordinis_rx.kernels.compiled import has_numba, is_compiling, machine_code
from ordinis_rx.kernels.record import Kernel

__all__ = ["warm_up"]

_PARAMETERS = ["n", "call"]


def warm_up(progress: Callable[[str, int, int], None] | None = None) -> None:
    """Compile every kernel of the library, or load it from the cache, and return when all are ready.

    Otherwise the first subscription to an operator does that, where it stands: some 17 s for the consensus, once on a
    machine. Before a feed dials nobody minds. A loop on which feeds are live already is held up by it, and vendors hang up
    on who does not read: call this first, or ``ordinis-rx warm-up`` when an image is built. The cache lies beside the
    library, or in ``NUMBA_CACHE_DIR``, and is good until the library or numba changes.

    *progress* is told, before each kernel, its name, how many are ready, and of how many. Kernels of your own are compiled
    when they are subscribed to. Raises `MissingExtra` without numba (extra ``fast``).

    >>> warm_up(lambda kernel, ready, total: None)
    """
    if not has_numba():
        raise MissingExtra("compiling kernels", package="numba", extra="fast")
    found = _kernels() if is_compiling() else []
    for ready, kernel in enumerate(found):
        if progress is not None:
            progress(kernel.__name__, ready, len(found))
        machine_code(kernel)


def _kernels() -> list[Kernel]:
    """The functions of `ordinis_rx.kernels` that have the parameters of a kernel."""
    found: list[Kernel] = []
    for each in pkgutil.iter_modules(kernels.__path__, f"{kernels.__name__}."):
        module = importlib.import_module(each.name)
        found += [
            function
            for _, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == each.name
            and list(inspect.signature(function).parameters) == _PARAMETERS
        ]
    return found
