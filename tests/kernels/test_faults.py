"""Faults of kernels, in words."""

from __future__ import annotations

import pytest

from ordinis_rx.kernels.faults import KernelFault, wrong_count, wrong_row, wrong_stop


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (wrong_count("k", 3, 5, 9), "kernel k wrote 3 rows for 5, and no row:i"),
        (wrong_count("k", 10, 5, 9), "kernel k wrote 10 rows, with room for 9"),
        (wrong_count("k", -1, 5, 9), "kernel k wrote -1 rows, with room for 9"),
        (wrong_stop("k", 7, 5), "kernel k wrote 7 to STOP, of 5 rows"),
        (wrong_row("k", -1, 2, 5), "kernel k wrote row -1 at 2, of 5 rows that it was given"),
    ],
)
def test_a_fault_names_its_kernel_and_what_it_did(fault: KernelFault, told: str) -> None:
    assert str(fault) == told
    assert isinstance(fault, RuntimeError)
    assert (fault.kernel, f"kernel k {fault.what}") == ("k", told)
