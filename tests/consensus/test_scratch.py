"""Room that all steps of a thread share."""

from __future__ import annotations

import threading

from ordinis_rx.consensus.scratch import scratch
from ordinis_rx.kernels.abreast import NUMBERS, REALS


def test_each_thread_has_room_of_its_own() -> None:
    lanes = [scratch.lane]
    thread = threading.Thread(target=lambda: lanes.append(scratch.lane))
    thread.start()
    thread.join()

    assert lanes[0] is scratch.lane
    assert lanes[1] is not scratch.lane
    assert (len(scratch.lane), len(scratch.number)) == (REALS, NUMBERS)
