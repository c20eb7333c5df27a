"""All kernels can be got ready ahead of the streams that need them."""

from __future__ import annotations

import pytest

from ordinis_rx.errors import MissingExtra
from ordinis_rx.kernels import warming
from ordinis_rx.kernels.compiled import has_numba, machine_code
from tests.kernels.test_arithmetic import KERNELS


@pytest.mark.skipif(not has_numba(), reason="there is nothing to compile with: numba (extra fast)")
def test_every_kernel_is_ready_afterwards_and_progress_tells_of_each() -> None:
    told: list[tuple[str, int, int]] = []

    warming.warm_up(lambda *progress: told.append(progress))

    names = [kernel.__name__ for kernel, _ in KERNELS]
    assert sorted(name for name, _, _ in told) == sorted(names)
    assert [(ready, total) for _, ready, total in told] == [
        (i, len(names)) for i in range(len(names))
    ]
    misses = machine_code.cache_info().misses
    for kernel, _ in KERNELS:
        machine_code(kernel)
    assert machine_code.cache_info().misses == misses


def test_without_numba_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "has_numba", lambda: False)
    with pytest.raises(MissingExtra, match=r"ordinis-rx\[fast\]"):
        warming.warm_up()
