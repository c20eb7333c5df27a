from __future__ import annotations

from ordinis_rx.codes import Names
from ordinis_rx.columnar import Columnar
from ordinis_rx.frames import FRAMES


def test_every_frame_has_what_is_promised_of_it_and_no_room_for_more() -> None:
    promised = [name for name in (*vars(Columnar), "schema", "names") if not name.startswith("_")]
    assert {"lookup", "facts", "hold"} <= set(promised)

    for frame in FRAMES.values():
        assert [name for name in promised if not hasattr(frame, name)] == []
        assert not hasattr(frame(Names()), "__dict__")
