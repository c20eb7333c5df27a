"""What the condition codes of a US stock trade say: which figures it may move, whether it is late, whether an odd lot.

The table is the vendor's own (its reference of trade conditions, the column "consolidated"), which follows the plans of the
two US tapes (CTA and UTP).
"""

from __future__ import annotations

from ordinis_rx.events import TradeFlags
from ordinis_rx.providers.conditions import Conditions

__all__ = ["FORM_T", "STOCK_CONDITIONS", "VOID", "out_of_sequence"]

_LAST, _HIGH_LOW, _VOLUME = TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME
_LATE, _ODD_LOT = TradeFlags.LATE, TradeFlags.ODD_LOT
_NOTHING = TradeFlags(0)

FORM_T = "12"
"""A trade outside regular hours; the only code whose meaning depends on the hour."""

VOID = frozenset({7, 8, 10, 11})
"""Corrections of a trade that was told in error or cancelled later, and of the records that say so: these move nothing."""

STOCK_CONDITIONS = Conditions(
    {
        "2": _VOLUME,  # average price
        "5": _HIGH_LOW | _VOLUME | _LATE,  # bunched sold
        "7": _VOLUME,  # cash sale
        "10": _HIGH_LOW | _VOLUME,  # derivatively priced
        "13": _VOLUME | _LATE,  # extended hours, sold out of sequence
        "15": _NOTHING,  # official close of a market center
        "16": _NOTHING,  # official open of a market center
        "20": _VOLUME,  # next day
        "21": _VOLUME,  # price variation
        "22": _HIGH_LOW | _VOLUME,  # prior reference price
        "29": _HIGH_LOW | _VOLUME,  # seller
        "30": _LAST | _HIGH_LOW | _VOLUME | _LATE,  # sold last: told late, but in sequence
        "33": _HIGH_LOW | _VOLUME | _LATE,  # sold out of sequence
        "37": _VOLUME | _ODD_LOT,
        "38": _LAST | _HIGH_LOW,  # corrected consolidated close
        "52": _VOLUME,  # contingent
        "53": _VOLUME,  # qualified contingent
    },
    extended=FORM_T,
)
"""Only the codes that restrict or mark a trade stand here."""


def out_of_sequence(flags: TradeFlags) -> TradeFlags:
    """What a trade with these *flags* may move when it is told late without a word: as one "sold out of sequence" (33).

    Off-exchange trades may come minutes after they were made, with no condition that says so (client-python 86).
    """
    return (flags & ~_LAST) | _LATE
