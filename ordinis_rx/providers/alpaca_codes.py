"""What Alpaca's codes mean: conditions of trades by tape, trading statuses, and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ordinis_rx.errors import AuthError, Disconnected, OrdinisError
from ordinis_rx.events import MOVES_ALL, TradeFlags
from ordinis_rx.providers.conditions import Conditions

__all__ = ["DECLINED", "HALTED", "INFORMED", "conditions_of", "refusal"]

_LAST, _HIGH_LOW, _VOLUME = TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME
_LATE, _ODD_LOT = TradeFlags.LATE, TradeFlags.ODD_LOT
_NOTHING = TradeFlags(0)

_BOTH_TAPES: Mapping[str, TradeFlags] = {
    "C": _VOLUME,  # cash sale
    "H": _VOLUME,  # price variation
    "I": _VOLUME | _ODD_LOT,
    "L": MOVES_ALL | _LATE,  # sold last
    "M": _NOTHING,  # official close of a market center
    "N": _VOLUME,  # next day
    "P": _HIGH_LOW | _VOLUME,  # prior reference price
    "Q": _NOTHING,  # official open of a market center
    "R": _HIGH_LOW | _VOLUME,  # seller
    "U": _VOLUME | _LATE,  # extended hours, sold out of sequence
    "V": _VOLUME,  # contingent
    "Z": _HIGH_LOW | _VOLUME | _LATE,  # sold out of sequence
    "4": _HIGH_LOW | _VOLUME,  # derivatively priced
    "7": _VOLUME,  # qualified contingent
    "9": _LAST | _HIGH_LOW,  # corrected consolidated close
}
"""By the letters of the two US tapes (CTS and UTDF), what a trade may move; letters that restrict nothing are left out."""

_CTA = Conditions({**_BOTH_TAPES, "B": _VOLUME}, extended="T")
"""Tapes A and B, where ``B`` is an average price."""

_UTP = Conditions({**_BOTH_TAPES, "W": _VOLUME, "G": _HIGH_LOW | _VOLUME | _LATE}, extended="T")
"""Tape C, where ``W`` is an average price, ``G`` bunched and sold late, and ``B`` merely bunched."""


def conditions_of(tape: str) -> Conditions:
    """The table of a tape, as a trade names it; one that is not named is read as tape C."""
    return _CTA if tape in ("A", "B") else _UTP


HALTED: Mapping[str, bool] = {
    "2": True,  # CTA: trading halt
    "3": False,  # CTA: resume
    "H": True,  # UTP: trading halt
    "P": True,  # UTP: volatility trading pause
    "Q": True,  # UTP: quotes resume, trading does not yet
    "T": False,  # UTP: trading resumes
}
"""Does trading stand still at this status? The letters of the two tapes do not collide."""

INFORMED: frozenset[str] = frozenset("56789ACDEF")
"""CTA statuses that neither stop nor resume trading: price indications, imbalances, short sale restriction, price bands."""

DECLINED = frozenset({400, 405, 410})
"""Invalid syntax (of a symbol, too), symbol limit exceeded, no such channel here: one request is void, the others stand."""

_REFUSALS: Mapping[int, Callable[[str, str], OrdinisError]] = {
    401: AuthError,  # not authenticated
    402: AuthError,  # auth failed
    # Auth timeout: no wrong key.
    404: lambda provider, message: Disconnected(f"{provider}: {message}"),
    406: lambda provider, message: Disconnected(f"{provider}: {message}", cool_down=90.0),
    407: lambda provider, message: Disconnected(f"{provider}: {message}"),  # slow client
    408: AuthError,  # v2 not enabled
    409: AuthError,  # insufficient subscription
    411: AuthError,  # insufficient scope
    500: lambda provider, message: Disconnected(f"{provider}: {message}"),  # internal error
}
# 406 is the connection limit: after an unclean end, the old connection counts for about 90 s more.


def refusal(code: int, provider: str, message: str) -> OrdinisError | None:
    """The error that ends the conversation, or None where it can go on.

    >>> refusal(402, "alpaca", "auth failed")
    AuthError('alpaca', 'auth failed')
    >>> refusal(403, "alpaca", "already authenticated") is None
    True
    """
    make = _REFUSALS.get(code)
    return None if make is None else make(provider, message)
