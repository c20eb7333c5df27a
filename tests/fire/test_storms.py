"""Many feeds of one process and a vendor that is down: they dial as often as the policy allows, and spread out."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Iterator
from random import Random

import pytest

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import StatusChange, StreamStatus
from ordinis_rx.feed import Feed
from tests.figures import record
from tests.transport import Ear, Line, PolygonVendor, Vendor, a_feed, status, trade
from tests.virtual import after, in_virtual_time, virtual_loop

HOUR = 3600.0
MINUTE = 60.0
FIRST, LONGEST = 1.0, 60.0

# From a table of chi-square for 19 degrees of freedom: a fair spread exceeds it one time in a thousand.
BINS = 20
CHI_SQUARE_999 = 43.82


def chi_square(shares: list[float]) -> float:
    """How far *shares*, numbers from 0 to 1, are from an even spread over `BINS` equal parts."""
    counts = [0] * BINS
    for share in shares:
        counts[min(int(share * BINS), BINS - 1)] += 1
    expected = len(shares) / BINS
    return sum((count - expected) ** 2 for count in counts) / expected


def down() -> Iterator[Exception]:
    return itertools.repeat(Disconnected("connection refused"))


class Storm:
    """As many feeds as told, each of which has a vendor of its own, so that its dials can be told apart."""

    def __init__(self, vendors: list[Vendor], **config: float | None) -> None:
        self.vendors = vendors
        config = {"max_reconnect_attempts": None} | config
        self.feeds: list[Feed] = [
            a_feed(vendor, random=Random(seed), **config) for seed, vendor in enumerate(vendors)
        ]
        self.ears = [Ear().to(each) for each in self.feeds]

    @property
    def dials(self) -> list[float]:
        """When each attempt was made, over all feeds."""
        return sorted(itertools.chain.from_iterable(vendor.dials for vendor in self.vendors))

    async def over(self) -> None:
        for each in self.feeds:
            await each.close()


def most_within(moments: list[float], span: float) -> int:
    """The most of the sorted *moments* that lie in any half-open interval as long as *span*."""
    return max(bisect_left(moments, moment + span) - at for at, moment in enumerate(moments))


def allowed(span: float) -> int:
    """The most attempts that the policy allows one feed within *span* seconds: every wait as short as it may be."""
    at, delay, count = 0.0, FIRST, 0
    while at < span:
        count += 1
        at += max(FIRST, delay / 2)
        delay = min(2 * delay, LONGEST)
    return count


@pytest.mark.parametrize("feeds", [6, pytest.param(100, marks=pytest.mark.soak)])
@in_virtual_time
async def test_feeds_of_a_dead_vendor_keep_to_the_policy_together(feeds: int) -> None:
    vendors = [Vendor() for _ in range(feeds)]
    for vendor in vendors:
        vendor.refuse = down()
    storm = Storm(vendors)
    await after(HOUR)

    first_minute = most_within(storm.dials, MINUTE)
    assert first_minute <= feeds * allowed(MINUTE)
    settled_down = [moment for moment in storm.dials if moment > 5 * MINUTE]
    a_minute = most_within(settled_down, MINUTE)
    assert a_minute <= feeds * MINUTE / (LONGEST / 2)
    average = len(settled_down) / feeds / ((HOUR - 5 * MINUTE) / MINUTE)
    assert MINUTE / LONGEST < average < MINUTE / (LONGEST / 2)
    assert most_within(settled_down, 1.0) <= feeds / 5 + 3  # no herd: an even spread is a 45th

    drawn = []
    for vendor in vendors:
        delay = 2 * FIRST  # the first wait is always the shortest
        for before, at in itertools.pairwise(vendor.dials[1:]):
            drawn.append((at - before - delay / 2) / (delay / 2))
            delay = min(2 * delay, LONGEST)
    assert all(-1e-6 <= share <= 1 + 1e-6 for share in drawn)
    assert len(drawn) > 50 * feeds
    spread = chi_square(drawn)
    assert spread < CHI_SQUARE_999
    for number in (1, 2, 5):  # and at each step of the row by itself, over the feeds
        waits = [vendor.dials[number + 1] - vendor.dials[number] for vendor in vendors]
        delay = min(FIRST * 2**number, LONGEST)
        assert chi_square([(wait - delay / 2) / (delay / 2) for wait in waits]) < CHI_SQUARE_999

    record(
        "storms",
        f"at most {first_minute / feeds:.1f} attempts a feed in the first minute, {a_minute / feeds:.2f} later; "
        f"chi-square of the jitter {spread:.1f} (below {CHI_SQUARE_999}); 0 retries after a fatal error",
        f"{feeds} feeds, 1 virtual hour",
    )
    await storm.over()


def test_an_uneven_spread_is_seen() -> None:
    even = [at / 1000 for at in range(1000)]
    assert chi_square(even) < 1e-9
    assert chi_square([share**1.3 for share in even]) > CHI_SQUARE_999
    assert most_within([0.0, 1.0, 1.5, 1.9, 3.0], 1.0) == 3
    assert [allowed(span) for span in (1.0, 2.0, 60.0)] == [1, 2, 7]


@in_virtual_time
async def test_feeds_of_one_process_do_not_draw_the_same_waits() -> None:
    """Without dice of their own, too."""
    vendors = [Vendor() for _ in range(5)]
    for vendor in vendors:
        vendor.refuse = down()
    feeds = [a_feed(vendor) for vendor in vendors]
    for each in feeds:
        Ear().to(each)
    await after(5)
    assert len({vendor.dials[2] for vendor in vendors}) == len(vendors)
    for each in feeds:
        await each.close()


class Flapping(PolygonVendor):
    """Ends each connection after so many seconds, in which it has told a trade."""

    def __init__(self, lives: float) -> None:
        super().__init__()
        self.lives = lives

    def greet(self, line: Line) -> None:
        def end() -> None:
            line.say(trade())
            line.lose()

        virtual_loop().call_later(self.lives, end)


@pytest.mark.parametrize(("lives", "grows"), [(9.9, True), (10.1, False)])
@in_virtual_time
async def test_waits_begin_anew_only_after_a_stable_life_with_data(
    lives: float, grows: bool
) -> None:
    vendors = [Flapping(lives) for _ in range(3)]
    storm = Storm(list(vendors))
    await after(1200)
    for vendor in vendors:
        assert len(vendor.dials) >= 15
        waits = [later - before - lives for before, later in itertools.pairwise(vendor.dials)]
        assert (max(waits) > LONGEST / 2) is grows
        assert grows or max(waits) < FIRST + 0.01
    await storm.over()


@in_virtual_time
async def test_a_fatal_error_is_not_retried_by_any_feed() -> None:
    refused = [PolygonVendor(login=(status("auth_failed", "no"),)) for _ in range(20)]
    unknown = [Vendor() for _ in range(20)]
    for vendor in unknown:
        vendor.refuse = itertools.repeat(AuthError("polygon", "HTTP 401 in the handshake"))
    storm = Storm([*refused, *unknown])
    await after(24 * HOUR)
    assert {len(vendor.dials) for vendor in storm.vendors} == {1}
    assert {type(ear.errors[0]) for ear in storm.ears} == {AuthError}
    assert {each.status for each in storm.feeds} == {StreamStatus.ERROR}
    assert not any(
        change.status is StreamStatus.RECONNECTING
        for ear in storm.ears
        for change in ear.of(StatusChange)
    )


@in_virtual_time
async def test_feeds_that_are_told_to_wait_come_back_no_earlier() -> None:
    vendors = [Vendor() for _ in range(5)]
    for vendor in vendors:
        vendor.refuse = itertools.repeat(Disconnected("HTTP 429", cool_down=90.0))
    storm = Storm(list(vendors))
    await after(HOUR)
    for vendor in vendors:
        gaps = [later - before for before, later in itertools.pairwise(vendor.dials)]
        assert len(gaps) == math.floor(HOUR / 90)
        assert min(gaps) >= 90.0
    await storm.over()


def test_the_policy_assumed_here_is_the_default() -> None:
    policy = StreamConfig().backoff
    assert (policy.first_seconds, policy.longest_seconds) == (FIRST, LONGEST)
    assert policy.stable_seconds == 10.0
