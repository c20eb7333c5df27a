"""How long a server asks us to stay away: HTTP's ``Retry-After``, in either of its two forms."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LONGEST_SECONDS", "retry_after"]

LONGEST_SECONDS = 3600.0
"""Whoever asks for more is asked again after an hour all the same."""


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks us to stay away; 0 when it does not ask, or in a way that nobody can read.

    A date counts from the server's own clock, its ``Date``: ours may be wrong.

    >>> retry_after({"Retry-After": "7"})
    7.0
    >>> date = "Wed, 21 Oct 2015 07:28:00 GMT"
    >>> retry_after({"Retry-After": date.replace("28:00", "28:30"), "Date": date})
    30.0
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdecimal():
        # Of a number longer than any, only that it is too long matters.
        seconds = float(asked[:9])
    else:
        from email.utils import parsedate_to_datetime  # dear to import, and seldom needed

        try:
            until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers["Date"])
            seconds = (until - now).total_seconds()
        except (ValueError, TypeError, KeyError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_SECONDS)
