"""Recordings: of facts, exact and by column; of the wire, before anybody has read it; and their replay as streams."""

from ordinis_rx.journal.checkpoint import Checkpoint
from ordinis_rx.journal.flatfiles import from_flat_file
from ordinis_rx.journal.foreign import from_csv, from_parquet
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.record import Recorder, record
from ordinis_rx.journal.replay import Replay, replay
from ordinis_rx.journal.wire_recorder import WireRecorder, record_wire
from ordinis_rx.naming import name_all

__all__ = [
    "Checkpoint",
    "Loss",
    "Recorder",
    "Replay",
    "WireRecorder",
    "from_csv",
    "from_flat_file",
    "from_parquet",
    "record",
    "record_wire",
    "replay",
]

name_all(
    globals(),
    _SOURCES := ["from_csv", "from_flat_file", "from_parquet", "replay"],
    sources=_SOURCES,
)
