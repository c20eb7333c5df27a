"""What a vendor's REST service is: a value a vendor, functions of requests and of what the market has told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

from ordinis_rx.events import Event
from ordinis_rx.sim.dialects import DIALECTS
from ordinis_rx.sim.dialects.dialect import Access
from ordinis_rx.sim.rest.board import Board
from ordinis_rx.sim.rest.http import HttpRequest, HttpResponse, json_response

__all__ = ["NOT_FOUND", "Vendor", "all_spelled", "spelled"]

E = TypeVar("E", bound=Event)

NOT_FOUND = json_response({"error": "no such path"}, 404)
"""The answer to a path that there is not."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's service."""

    path: str
    """What stands before all its paths; part of its address."""
    admits: Callable[[HttpRequest, Access], bool]
    unknown_key: HttpResponse
    answer: Callable[[HttpRequest, Board], HttpResponse]
    """Raises `ValueError` or `KeyError` for a parameter that is wrong or missing."""
    tells_limits: bool
    """Whether its answers say how many requests are left."""


def spelled(vendor: str, told: E | None) -> E | None:
    """The fact with the vendor's codes; None where its wire cannot carry it."""
    return None if told is None else cast("E | None", DIALECTS[vendor].spelled(told))


def all_spelled(vendor: str, told: Iterable[E]) -> list[E]:
    """The facts with the vendor's codes, as far as its wire can carry them."""
    return [spelt for fact in told if (spelt := spelled(vendor, fact)) is not None]
