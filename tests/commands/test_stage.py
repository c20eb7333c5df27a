from __future__ import annotations

import asyncio

from ordinis_rx.commands.board import Board
from ordinis_rx.commands.stage import PRICES, staged
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.events import StreamStatus
from ordinis_rx.operators import merge


async def test_three_providers_tell_one_truth_over_real_sockets_and_leave_nothing() -> None:
    async with staged(seed=1) as stage:
        board = Board([a.name for a in stage.actors], PRICES)
        everything = merge(*(actor.feed for actor in stage.actors))
        with stoppable() as stop, everything.subscribe(board.on_next, board.on_error):
            while not board.is_complete:
                assert not await stop.wait(0.01)
            connections = [actor.server.connections for actor in stage.actors]

    assert connections == [1, 1, 1]
    assert set(board.statuses.values()) == {StreamStatus.CONNECTED}
    for (_, symbol), quote in board.quotes.items():
        true = stage.market.truth(symbol, quote.ts_event)
        assert abs(quote.mid / true - 1) < 20 / 10_000
    assert asyncio.all_tasks() == {asyncio.current_task()}
