"""Tools for testing streams: facts, marbles in virtual time, identity, a proxy that spoils connections, and the promises
that operators and providers keep.

They ship with the library so that operators and providers of your own can be held to the same promises.
"""

from ordinis_rx.testing.apart import check_apart
from ordinis_rx.testing.conformance import check_operator
from ordinis_rx.testing.factories import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)
from ordinis_rx.testing.fault_proxy import FaultProxy, ProxyFaults, ProxyStats, fault_proxy
from ordinis_rx.testing.history import Sent, check_history
from ordinis_rx.testing.identity import difference, same
from ordinis_rx.testing.lookahead import check_no_lookahead
from ordinis_rx.testing.marbles import cold, play, through
from ordinis_rx.testing.on_frames import same_on_frames
from ordinis_rx.testing.provider_conformance import check_provider
from ordinis_rx.testing.warmup import WarmUp, WarmUpReport, check_warmup

__all__ = [
    "FaultProxy",
    "ProxyFaults",
    "ProxyStats",
    "Sent",
    "WarmUp",
    "WarmUpReport",
    "a_bar",
    "a_cancel",
    "a_correction",
    "a_feed_error",
    "a_gap",
    "a_halt",
    "a_heartbeat",
    "a_quote",
    "a_reading",
    "a_status",
    "a_trade",
    "check_apart",
    "check_history",
    "check_no_lookahead",
    "check_operator",
    "check_provider",
    "check_warmup",
    "cold",
    "difference",
    "fault_proxy",
    "play",
    "same",
    "same_on_frames",
    "through",
]
