"""REST services on this machine that answer as the vendors' do, from a simulated market."""

from ordinis_rx.sim.rest.faults import RestFaults
from ordinis_rx.sim.rest.server import RestServer, RestStats, serve_rest

__all__ = ["RestFaults", "RestServer", "RestStats", "serve_rest"]
