"""What the fuzzer of decoders is given and what it makes of it, without atheris."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import fuzzing
from tests.hostile.frames import NOW, PROVIDERS, frames_of

names = pytest.mark.parametrize("name", sorted(PROVIDERS))


@names
def test_the_frames_that_the_fuzzer_begins_with_are_borne(name: str) -> None:
    bear = fuzzing.bearing(name)
    for frame in frames_of(name):
        bear(frame)


def test_a_decoder_that_tells_something_else_by_machine_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = PROVIDERS["finnhub"]
    made: list[object] = []

    class Forgetful:
        """Tells nothing, from the second decoder on."""

        def decoder(self, names: dict[str, str]) -> object:
            made.append(names)
            return real().decoder(names) if len(made) == 1 else lambda raw, now, seq: ([], [])

    monkeypatch.setitem(PROVIDERS, "finnhub", Forgetful)  # type: ignore[arg-type]
    bear = fuzzing.bearing("finnhub")

    telling = next(frame for frame in frames_of("finnhub") if real().decoder({})(frame, NOW, 1)[0])

    with pytest.raises(AssertionError):
        bear(telling)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_what_is_tried_fits_and_is_the_same_for_the_same_seed(seed: int, room: int) -> None:
    frame = frames_of("stocks")[0]

    tried = [fuzzing.harmed(frame, room, seed, lambda raw, room: raw[:room]) for _ in "ab"]

    assert tried[0] == tried[1]
    assert len(tried[0]) <= room


def test_a_run_that_was_broken_off_tried_nothing() -> None:
    assert fuzzing.runs_of("#4 pulse\nDone 4711 runs in 601 second(s)\n") == 4711
    assert fuzzing.runs_of("==71== ERROR: libFuzzer: deadly signal") == 0


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is not None, reason="only where atheris is missing"
)
def test_without_atheris_it_says_what_installs_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzzing.main(["--seconds", "1"]) == 2
    assert "make fuzz installs it" in capsys.readouterr().err
