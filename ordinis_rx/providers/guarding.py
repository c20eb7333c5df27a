"""What a provider of anybody's making gives, looked at before it is used: what goes wrong is told under its name."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from ordinis_rx.errors import DecodeError, OrdinisError
from ordinis_rx.events import Timed
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Decode,
    Decoded,
    Provider,
    Refused,
    Reply,
    Topic,
)
from ordinis_rx.providers.reading import feed_error, hushed
from ordinis_rx.timebase import Nanos

__all__ = ["asked", "guarded"]

_log = logging.getLogger(__name__)

_CONTROLS = (Authenticated, Acknowledged, Refused, Reply)


def guarded(provider: str, decode: Decode) -> Decode:
    """*decode*, but that what it cannot read is a `FeedError`, whatever it raises or gives.

    The first of each kind of failure is logged, too: in a line as a warning, with its traceback for debugging.
    """
    logged: set[str] = set()

    def read(raw: bytes, ts_recv: Nanos, seq: int) -> Decoded:
        try:
            told = decode(raw, ts_recv, seq)
            why = _misgiven(told)
            if not why:
                return told
        except DecodeError as error:
            why = error.reason
        except Exception as error:
            # Not what it says, in which a key may stand.
            why = f"the decoder raised {type(error).__name__} at {_place(error)}"
            if why not in logged:
                logged.add(why)
                _log.warning("%s: %s", provider, why)
                _log.debug("%s: %s", provider, why, exc_info=True)
        return [feed_error(provider, "undecodable", why, raw, ts_recv=ts_recv, seq=seq)], ()

    return read


def _misgiven(told: Any) -> str:
    """What is wrong with what a decoder gave; nothing, where nothing is. Of many facts it asks the first alone."""
    if told.__class__ is not tuple or len(told) != 2:
        return f"the decoder gave {_kind(told)}, not facts and controls, as in [trade], ()"
    facts, controls = told
    if facts.__class__ is not list:
        return f"the decoder gave {_kind(facts)} for a list of facts"
    if facts and not isinstance(facts[0], Timed):
        return f"the decoder gave {_kind(facts[0])} for a fact"
    if controls == ():
        return ""
    if not isinstance(controls, Sequence) or isinstance(controls, str | bytes):
        return f"the decoder gave {_kind(controls)} for a sequence of controls"
    for control in cast("Sequence[object]", controls):
        if not isinstance(control, _CONTROLS):
            return f"the decoder gave {_kind(control)} for a control"
    return ""


def _kind(value: object) -> str:
    return type(value).__name__


def _place(error: Exception) -> str:
    """The file and the line that raised *error*."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{Path(frame.f_code.co_filename).name}, line {line}"


def asked(
    provider: Provider, what: Literal["subscribe", "unsubscribe"], topics: Sequence[Topic]
) -> list[str | bytes]:
    """The messages with which *provider* subscribes to *topics*, or unsubscribes from them.

    Raises RuntimeError where its function raises, TypeError where that gives no list of texts or bytes; both name the
    provider and what was asked of it. An `OrdinisError` is raised as it is.

    >>> from ordinis_rx.providers.finnhub import finnhub
    >>> asked(finnhub("token"), "subscribe", [Topic("trades", "AAPL")])
    ['{"type":"subscribe","symbol":"AAPL"}']
    """
    who = f"{provider.name}: {what}"
    try:
        given: Any = getattr(provider, what)(topics)
    except OrdinisError:
        raise
    except Exception as error:
        said = hushed(str(error), *provider.secrets)
        raise RuntimeError(f"{who} raised {type(error).__name__}: {said}") from error
    if not isinstance(given, list):
        raise TypeError(f"{who} gave {_kind(given)}, not a list of texts")
    for message in cast("list[object]", given):
        if not isinstance(message, str | bytes):
            raise TypeError(f"{who} gave {_kind(message)} in its list, not a text")
    return cast("list[str | bytes]", given)
