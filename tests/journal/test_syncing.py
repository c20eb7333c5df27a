from __future__ import annotations

import threading

import pytest

from ordinis_rx.journal.syncing import Syncer, check_period
from ordinis_rx.timebase import MILLI


def test_it_calls_again_and_again_until_it_is_stopped() -> None:
    twice = threading.Semaphore(0)
    syncer = Syncer(twice.release, MILLI, lambda error: None)
    assert twice.acquire(timeout=5)
    assert twice.acquire(timeout=5)
    syncer.stop()
    while twice.acquire(blocking=False):
        pass
    assert not twice.acquire(timeout=0.01)


def test_what_fails_is_told_once_and_ends_it() -> None:
    failures: list[Exception] = []
    told = threading.Event()

    def fail() -> None:
        raise OSError("broken")

    def hear(error: Exception) -> None:
        failures.append(error)
        told.set()

    syncer = Syncer(fail, MILLI, hear)
    assert told.wait(5)
    syncer.stop()
    assert [str(error) for error in failures] == ["broken"]


def test_without_a_period_there_is_no_thread() -> None:
    before = threading.active_count()
    syncer = Syncer(lambda: None, None, lambda error: None)
    assert threading.active_count() == before
    syncer.stop()
    check_period(None)
    with pytest.raises(ValueError, match=r"must be 1 or more nanoseconds, .* got -1"):
        check_period(-1)
