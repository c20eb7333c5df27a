"""What the tests of pages ask of them."""

from __future__ import annotations

import re
from typing import Any

from tests.commands.conftest import Running

__all__ = ["address", "is_so", "texts"]

# Not Playwright's own wait_for_function: it needs eval, which the pages' policy forbids.
WAITING = """new Promise((so, failed) => {{
  const began = performance.now();
  const look = () => {{
    if ({0}) so(true);
    else if (performance.now() - began > {2}) failed(new Error({1}));
    else setTimeout(look, 30);
  }};
  look();
}})"""


def is_so(page: Any, expression: str, seconds: float = 40) -> None:
    """Wait until *expression* is true in the page; fails with it when it is not so in time."""
    told = repr(f"not so within {seconds:g} s: {expression}")
    page.evaluate(WAITING.format(expression, told, seconds * 1000))


def address(dashboard: Running) -> str:
    """Where a dashboard that runs says that its page is."""
    found = re.search(r"http://127\.0\.0\.1:\d+/", dashboard.first)
    assert found, dashboard.first
    return found[0]


def texts(page: Any, selector: str) -> list[str]:
    """What stands in each of the elements."""
    found: list[str] = page.locator(selector).all_inner_texts()
    return found
