"""A market of our own, its faults, and servers that speak as the vendors do. Needs no key and no network."""

from ordinis_rx.naming import name_all
from ordinis_rx.sim import faults
from ordinis_rx.sim.fault_options import FAULT_NAMES, FaultPlan, parse_faults
from ordinis_rx.sim.market import Market, market
from ordinis_rx.sim.rest import RestFaults, RestServer, RestStats, serve_rest
from ordinis_rx.sim.server import Server, ServerStats, serve
from ordinis_rx.sim.striking import Faults
from ordinis_rx.sim.wire_faults import WireFaults

__all__ = [
    "FAULT_NAMES",
    "FaultPlan",
    "Faults",
    "Market",
    "RestFaults",
    "RestServer",
    "RestStats",
    "Server",
    "ServerStats",
    "WireFaults",
    "faults",
    "market",
    "parse_faults",
    "serve",
    "serve_rest",
]

name_all(globals(), ["market"], sources=["market"])
