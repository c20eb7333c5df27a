"""Helpers as parts of the kernels that call them: numba optimises their code there, and nowhere else.

Left to itself numba makes finished machine code of each helper, and again of it within each that calls it, up to the kernel,
whose own is all that ever runs. The consensus, whose helpers call helpers, takes two thirds longer to compile that way.

This rests on how numba links libraries of code (``numba.core.codegen``), which is its own affair: where a release of it does
that otherwise, kernels are compiled as numba does, slower and with the same results.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# numba has no types, and a class of ours is one of its.
from __future__ import annotations

import functools
import importlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from ordinis_rx.kernels.record import HELPERS

__all__ = ["linking_helpers"]

_RESTS_ON = (
    "_ensure_finalized",
    "_finalize_dynamic_globals",
    "_final_module",
    "_finalized",
    "_get_module_for_linking",
    "_linking_libraries",
    "_raise_if_finalized",
)


@contextmanager
def linking_helpers() -> Generator[None]:
    """What numba compiles inside makes parts of the helpers, as far as numba is such that it can be done."""
    registry: Any = importlib.import_module("numba.core.registry")
    lock: Any = importlib.import_module("numba.core.compiler_lock").global_compiler_lock
    with lock:
        codegen: Any = registry.cpu_target.target_context.codegen()
        if not _can_link(codegen):
            yield
            return
        codegen._library_class = _part_class(codegen._library_class)
        try:
            yield
        finally:
            del codegen._library_class  # numba's own is that of the class


def _can_link(codegen: Any) -> bool:
    """Whether numba's libraries of code are what they were when this was written."""
    made = codegen.create_library("probe") if hasattr(codegen, "_library_class") else None
    return "_library_class" not in vars(codegen) and all(hasattr(made, name) for name in _RESTS_ON)


@functools.cache
def _part_class(library: Any) -> Any:
    """A class of libraries like numba's *library*, in which those of helpers are parts."""

    class Library(library):  # type: ignore[misc]
        """The code of a function and of what it calls."""

        @property
        def codegen(self) -> Any:
            return _Unexecuted() if self._is_part() else super().codegen

        def finalize(self) -> None:
            if not self._is_part():
                super().finalize()
                return
            self._raise_if_finalized()
            for each in dict.fromkeys(self._linking_libraries):
                if hasattr(each, "_reload_init"):  # from numba 0.62 on
                    self._reload_init.update(each._reload_init)
                self._final_module.link_in(each._get_module_for_linking(), preserve=True)
            self._finalize_dynamic_globals()
            self._finalized = True

        def _is_part(self) -> bool:
            return self.name in {function.__qualname__ for function in HELPERS}

    return Library


class _Unexecuted:
    """Of what is no machine code numba need not know in what environment it runs."""

    def set_env(self, name: str, environment: Any) -> None:
        """There is no place for it."""
