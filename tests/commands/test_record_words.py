"""What the command that records says before anything has come."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ordinis_rx.commands.record import record
from ordinis_rx.errors import AuthError
from ordinis_rx.sim import market, serve
from ordinis_rx.timebase import MINUTE

pytest.importorskip("pyarrow")


@pytest.mark.parametrize(("duration", "until"), [(None, "until Ctrl-C"), (90.0, "for 90 s")])
def test_it_says_until_when_it_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], duration: float | None, until: str
) -> None:
    async def refused() -> None:
        async with serve(market(["A"], duration=MINUTE), "polygon") as server:
            with pytest.raises(AuthError):
                await record(
                    "polygon",
                    ["A"],
                    tmp_path / "rec",
                    url=server.url,
                    duration=duration,
                    environment={"POLYGON_API_KEY": "wrong"},
                )

    asyncio.run(refused())

    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"recording polygon in {tmp_path / 'rec'}, {until}"
