"""Servers that mean harm: whatever they do, the feed ends in time, with a typed error, and stays small."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.figures import record
from tests.hostile.attacks import ATTACKS, served

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is asked of Linux"
    ),
]

ENDINGS = {
    "an announced giant": "frame with 4611686018427387904 bytes exceeds limit of 6291456",
    "a frame just too large": "frame with 6291457 bytes exceeds limit of 6291456",
    "a compression bomb": "exceeds limit of 6291456",
    "fragments of nothing": "too many fragments (close code 1009)",
    "fragments of a byte": "too many fragments (close code 1009)",
    "fragments without end": "exceeds limit of 6291456 bytes (close code 1009)",
    "a hundred thousand levels": "closed by the server",
    "a frame of nothings": "closed by the server",
    "pings that nobody hears answered": "lost without a close frame",
    "a handshake byte by byte": "polygon did not let us in within 0.5 s",
    "headers without end": "polygon d",  # how, depends on who gives up first
    "a header without end": "polygon d",
    "a refusal without end": "polygon d",
    "a redirect to another host": "polygon redirects to another origin, which is not followed",
    "a redirect to itself": "polygon does not answer as a WebSocket",
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    """What a process of its own tells of each attack; one for all, since it takes a while to begin."""

    async def suffered() -> list[str]:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(await served(a)) for a in ATTACKS.values()]
            ports = [str(server.sockets[0].getsockname()[1]) for server in servers]
            victim = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.hostile.victim",
                *ports,
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
            )
            told, _ = await victim.communicate()
        return told.decode().splitlines()

    return dict(zip(ATTACKS, map(json.loads, asyncio.run(suffered())), strict=True))


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_an_attack_ends_in_time_with_a_typed_error_and_little_memory(
    attack: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    outcome = outcomes[attack]

    assert outcome["error"].startswith("Disconnected: disconnected: ")
    assert ENDINGS[attack] in outcome["error"]
    assert "canary" not in outcome["error"]
    assert outcome["seconds"] < 5  # half a second to be let in, and less for the goodbye
    assert outcome["bytes"] <= 16 * MEBIBYTE


def test_what_could_not_be_read_is_told_and_counted(
    outcomes: dict[str, dict[str, Any]],
) -> None:
    assert outcomes["a hundred thousand levels"]["told"] == 3
    assert outcomes["a frame of nothings"]["told"] == 1_001  # the last one counts the others

    worst = max(outcome["bytes"] for outcome in outcomes.values())
    slowest = max(outcome["seconds"] for outcome in outcomes.values())
    record(
        "hostile server",
        f"at most {worst / MEBIBYTE:.1f} MiB more, over within {slowest:.1f} s at a limit of 0.5 s",
        f"{len(outcomes)} attacks",
    )
