"""A pipeline of several operators goes on where it stopped, out of one file that is whole whatever happens."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import Observable

import ordinis_rx as ox
from ordinis_rx.errors import JournalError
from ordinis_rx.journal import Checkpoint
from ordinis_rx.journal import checkpoint as module
from ordinis_rx.operators import OperatorMemory, col, ema, indicators, signals, time_bars, trades
from ordinis_rx.testing import a_trade, same, through


def strategy(state: Checkpoint) -> Callable[[Observable[Any]], Observable[Any]]:
    """Bars of ten seconds, two averages of them, and where they cross."""
    return lambda source: source.pipe(
        trades(),
        time_bars(10 * ox.SECOND, partial="drop", memory=state.memory("bars")),
        indicators(fast="hma:3", slow="donchian:5", memory=state.memory("lines")),
        signals(bullish=col("fast").crosses_above("slow_middle"), memory=state.memory("rules")),
    )


@pytest.mark.parametrize("stops", [[1], [700], [3, 333, 334, 900]])
def test_a_strategy_that_is_stopped_again_and_again_says_what_it_says_in_one_go(
    tmp_path: Path, stops: list[int]
) -> None:
    facts = [*ox.sim.market(["AAPL", "MSFT"], seed=3, rate=8, duration=4 * ox.MINUTE).events()]
    told: list[Any] = []
    for begin, end in zip([0, *stops], [*stops, len(facts)], strict=True):
        state = Checkpoint(tmp_path / "state")
        assert (state.found, state.note) == ((begin > 0), begin or None)
        told += through(strategy(state), facts[begin:end])
        state.save(note=end)

    whole = through(strategy(Checkpoint(tmp_path / "none")), facts)
    assert len(whole) > 3
    assert same(*([replace(signal, seq=0) for signal in each] for each in (told, whole)))
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def one_operator(path: Path, **note: Any) -> Checkpoint:
    state = Checkpoint(path)
    through(ema(span=3, memory=state.memory("fast")), [a_trade(1)])
    state.save(**note)
    return state


def test_any_cut_and_any_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "state"
    one_operator(path, note={"heard": 5, "at": [1.5, "x"]})
    whole = path.read_bytes()
    assert Checkpoint(path).note == {"heard": 5, "at": [1.5, "x"]}

    for at in range(len(whole)):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises(JournalError, match="state cannot be gone on from: "):
                Checkpoint(path)


def test_what_is_no_checkpoint_of_a_pipeline_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state"
    memory = OperatorMemory()
    through(ema(span=3, memory=memory), [a_trade(1)])
    path.write_bytes(memory.save())
    with pytest.raises(JournalError, match="cannot be gone on from: Expected `array`"):
        Checkpoint(path)
    with pytest.raises(JournalError, match="cannot be read: Is a directory"):
        Checkpoint(tmp_path)
    with pytest.raises(TypeError, match="Checkpoint: path"):
        Checkpoint(5)  # type: ignore[arg-type]


def test_a_disk_that_is_full_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    state = one_operator(path, note=1)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(JournalError, match="state cannot be written: No space left on device"):
        state.save(note=2)
    assert [each.name for each in tmp_path.iterdir()] == ["state"]
    assert Checkpoint(path).note == 1


def test_each_operator_has_a_memory_of_its_own_that_is_used(tmp_path: Path) -> None:
    state = Checkpoint(tmp_path / "state")
    state.memory("fast")
    assert repr(state) == f"Checkpoint({str(tmp_path / 'state')!r}, fast)"
    with pytest.raises(ValueError, match="'fast' is the memory of another operator"):
        state.memory("fast")
    with pytest.raises(ValueError, match="checkpoint: 'fast': nothing to save"):
        state.save()
    with pytest.raises(TypeError, match="name must be"):
        state.memory(None)  # type: ignore[arg-type]
    assert not (tmp_path / "state").exists()


def test_a_note_that_cannot_be_written_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    state = one_operator(tmp_path / "state", note=1)
    endless: list[Any] = []
    endless.append(endless)

    for note in (object(), 2**64, "\ud800", endless):
        with pytest.raises(TypeError, match="checkpoint: the note cannot be written: "):
            state.save(note=note)
    assert Checkpoint(tmp_path / "state").note == 1


def test_a_pipeline_that_has_changed_begins_what_is_new_and_forgets_what_is_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state"
    one_operator(path)

    changed = Checkpoint(path)
    assert changed.saved == ("fast",)
    assert repr(changed) == f"Checkpoint({str(path)!r}, fast)"
    through(ema(span=9, memory=changed.memory("slow")), [a_trade(2)])
    changed.save()
    changed.save()
    assert [record.getMessage() for record in caplog.records] == [
        f"the checkpoint {path} has no more of fast, which no operator has asked for by that name"
    ]
    again = Checkpoint(path)
    (fast,) = through(ema(span=3, memory=again.memory("fast")), [a_trade(8)])
    (slow,) = through(ema(span=9, memory=again.memory("slow")), [a_trade(2)])
    assert (fast.value, slow.value) == (8.0, 2.0)
    with pytest.raises(ValueError, match=r"the checkpoint 'slow' is of ema alpha=0\.2"):
        through(ema(span=5, memory=Checkpoint(path).memory("slow")), [a_trade(8)])
