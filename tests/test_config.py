"""The settings: the original's, with its defaults, and what is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ordinis_rx.config import StreamConfig
from ordinis_rx.wire.backoff import Backoff


def test_the_defaults_are_those_that_were_promised() -> None:
    config = StreamConfig()
    assert dataclasses.asdict(config) == {
        "reconnect_enabled": True,
        "reconnect_delay_seconds": 1.0,
        "reconnect_delay_max_seconds": 60.0,
        "max_reconnect_attempts": 10,
        "connection_timeout_seconds": 30.0,
        "heartbeat_interval_seconds": 30.0,
        "tick_seconds": None,
        "buffer_size": 1000,
        "stable_seconds": 10.0,
        "acknowledge_timeout_seconds": 10.0,
        "silence_seconds": None,
        "is_open": None,
    }
    assert config.backoff == Backoff()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reconnect_delay_seconds", 0, "must be a finite number above 0, got 0"),
        ("reconnect_delay_seconds", float("nan"), "must be a finite number above 0, got nan"),
        (
            "reconnect_delay_max_seconds",
            0.5,
            r"must be at least reconnect_delay_seconds \(1.0\), got 0.5",
        ),
        ("max_reconnect_attempts", -1, "must be 0 or more attempts, got -1"),
        ("connection_timeout_seconds", -1, "must be a number above 0, got -1"),
        ("heartbeat_interval_seconds", 0, "must be a number above 0, got 0"),
        ("acknowledge_timeout_seconds", 0, "must be a number above 0, got 0"),
        ("stable_seconds", -0.1, "must be a number, 0 or more, got -0.1"),
        ("buffer_size", 0, "must be 1 or more events, got 0"),
        ("heartbeat_interval_seconds", float("nan"), "must be a number above 0, got nan"),
        ("stable_seconds", float("nan"), "must be a number, 0 or more, got nan"),
        ("silence_seconds", 0, "must be a number above 0, got 0"),
        ("silence_seconds", {"AAPL": -5}, "must be a number above 0, got -5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_value(
    field: str, value: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=f"{field} {words}"):
        StreamConfig(**{field: value})


def test_the_backoff_follows_the_settings() -> None:
    config = StreamConfig(
        reconnect_delay_seconds=2.0,
        reconnect_delay_max_seconds=8.0,
        max_reconnect_attempts=None,
        stable_seconds=5.0,
    )
    assert config.backoff == Backoff(2.0, 8.0, attempts=None, stable_seconds=5.0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reconnect_enabled", "no", "must be True or False, got 'no'"),
        ("buffer_size", 0.5, "must be a whole number of events, got 0.5"),
        ("max_reconnect_attempts", 0.5, "must be a whole number of attempts, got 0.5"),
        ("max_reconnect_attempts", float("nan"), "must be a whole number of attempts, got nan"),
        ("heartbeat_interval_seconds", "30", "must be a number, got '30'"),
        ("reconnect_delay_max_seconds", None, "must be a number, got None"),
        ("stable_seconds", True, "must be a number, got True"),
        ("silence_seconds", "5", "must be a number, got '5'"),
        ("silence_seconds", {"AAPL": "5"}, "must be a number, got '5'"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name_and_value(
    field: str, value: Any, words: str
) -> None:
    with pytest.raises(TypeError, match=f"{field} {words}"):
        StreamConfig(**{field: value})


def test_a_calendar_that_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="is_open must be a function, got 5"):
        StreamConfig(is_open=5)  # type: ignore[arg-type]


def test_without_reconnecting_there_is_no_attempt() -> None:
    assert StreamConfig(reconnect_enabled=False).backoff.attempts == 0


def test_silence_is_for_all_symbols_or_for_those_named() -> None:
    assert StreamConfig(silence_seconds=5.0).silence_of("AAPL") == 5.0
    named = StreamConfig(silence_seconds={"AAPL": 5.0})
    assert (named.silence_of("AAPL"), named.silence_of("XYZ")) == (5.0, None)
    assert StreamConfig().silence_of("AAPL") is None


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        StreamConfig().buffer_size = 5  # type: ignore[misc]
