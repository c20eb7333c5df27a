"""Where the numbers of answers lie."""

from __future__ import annotations

from ordinis_rx.kernels import abreast
from ordinis_rx.kernels.abreast import NUMBERS, REALS, REPORTS, WIDE

OF_REPORTS = {
    "LEVELS",
    "AGES",
    "LOADS",
    "BIDS",
    "ASKS",
    "VOLUMES",
    "SUCCESSES",
    "RANKED",
    "RANKED_LOADS",
    "SLOT_OF",
}
INTEGERS = {
    "FRESH", "KNOWN", "REPORTER", "MINE", "SPOILS_AT", "MEMBERS", "STATUS", "BOOKS", "SYMBOL", "REPORTER_CODE",
    "TIME_OF", "USED_SET", "EXCLUDED_SET", "STALE_SET", "LOST_SET", "BEFORE_SET", "MOVED_SET", "COUNTS", "REPORTER_OUT",
    "VOLUMES_KNOWN", "FREEDOM", "FLAGS", "CROSSINGS", "KEY", "NEWS", "RECEIVED", "SEQ", "SAID_AT", "AGE", "SLOT_OF",
}  # fmt: skip
SIZES = {"NUMBERS", "REALS", "REPORTS", "SLOTS", "WIDE"}
LENT = {"RANKED_BIDS", "RANKED_ASKS"}
"""Those that lie where others have done their part by then."""


def places(names: set[str]) -> list[int]:
    """All places that *names* take, of all answers and reports."""
    taken: list[int] = []
    for name in names:
        first = getattr(abreast, name)
        taken += range(first, first + WIDE * (REPORTS if name in OF_REPORTS else 1))
    return sorted(taken)


def test_every_place_is_that_of_one_number() -> None:
    floats = {*abreast.__all__} - SIZES - INTEGERS - LENT

    assert places(floats) == list(range(REALS))
    assert places(INTEGERS) == list(range(NUMBERS))
