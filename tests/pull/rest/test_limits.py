from __future__ import annotations

import pytest
from httpx import Headers

from ordinis_rx.pull.rest.limits import UNTOLD_SECONDS, RateLimit
from ordinis_rx.wire.retry_after import LONGEST_SECONDS

NOW = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""


class _Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def _limit(clock: _Clock) -> RateLimit:
    return RateLimit(clock=clock, now=lambda: NOW)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (200, {}, 0.0),
        (200, {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1700000030"}, 0.0),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000030"}, 30.0),
        (200, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "12"}, 12.0),  # from now on
        (200, {"X-Ratelimit-Remaining": "0"}, 0.0),  # nobody says until when
        (200, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "soon"}, 0.0),
        (200, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1699999990"}, 0.0),
        (200, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "9" * 400}, LONGEST_SECONDS),
        (200, {"Retry-After": "9"}, 0.0),  # it has answered
        (429, {"Retry-After": "9"}, 9.0),
        (429, {}, UNTOLD_SECONDS),
        (429, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1700000030"}, 30.0),
        (503, {"Retry-After": "9"}, 9.0),
        (503, {}, 0.0),
    ],
)
def test_what_an_answer_says_about_the_next(
    status: int, headers: dict[str, str], wait: float
) -> None:
    limit = _limit(_Clock())

    limit.heard(status, Headers(headers))

    assert limit.wait_seconds == wait


def test_a_reset_counts_by_the_servers_clock_where_it_tells_its_own() -> None:
    limit = _limit(_Clock())

    limit.heard(
        200,
        Headers(
            {
                "X-Ratelimit-Remaining": "0",
                "X-Ratelimit-Reset": "1700000030",
                "Date": "Tue, 14 Nov 2023 22:13:45 GMT",  # 25 s ahead of us
            }
        ),
    )

    assert limit.wait_seconds == 5.0


def test_the_wait_passes_with_the_clock_and_a_later_answer_does_not_shorten_it() -> None:
    clock = _Clock()
    limit = _limit(clock)
    limit.heard(429, Headers({"Retry-After": "9"}))

    limit.heard(200, Headers({}))
    assert limit.wait_seconds == 9.0

    clock.now += 8.5
    assert limit.wait_seconds == 0.5
    clock.now += 1
    assert limit.wait_seconds == 0.0
