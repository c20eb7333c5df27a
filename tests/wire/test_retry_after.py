from __future__ import annotations

import pytest

from ordinis_rx.wire.retry_after import LONGEST_SECONDS, retry_after

DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"Retry-After": " 12 "}, 12.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:29:00 GMT", "Date": DATE}, 60.0),
        ({"Retry-After": DATE, "Date": DATE}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:27:00 GMT", "Date": DATE}, 0.0),  # it is over
        ({"Retry-After": DATE}, 0.0),  # by whose clock?
        ({"Retry-After": "soon", "Date": DATE}, 0.0),
        ({"Retry-After": "\u0663", "Date": DATE}, 0.0),  # a digit, but none of HTTP's
        ({"Retry-After": "86400"}, LONGEST_SECONDS),
        ({"Retry-After": "9" * 5000}, LONGEST_SECONDS),
    ],
)
def test_what_a_server_asks_for(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds
