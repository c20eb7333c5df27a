"""The page on kernels of one's own: it runs as it stands, and its kernel is short."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from ordinis_rx.testing import a_trade, through


def blocks(root: Path) -> list[str]:
    page = (root / "docs/kernels.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)


def test_the_kernel_of_the_page_works_and_keeps_all_promises(root: Path) -> None:
    told: dict[str, Any] = {"__name__": "kernels"}
    for block in blocks(root):
        exec(compile(block, "kernels.md", "exec"), told)

    trades = [a_trade(price) for price in (10, 10.2, float("nan"), 12.2)]
    readings = through(told["big_moves"](0.5), trades)

    assert [(reading.name, reading.value, reading.seq) for reading in readings] == [("move", 2, 4)]


def test_a_kernel_takes_no_more_than_thirty_lines(root: Path) -> None:
    """Layout, kernel and operator together; blank lines and imports do not count."""
    first, *_ = blocks(root)
    parts = [node for node in ast.parse(first).body if not isinstance(node, ast.ImportFrom)]
    text = "\n".join(ast.get_source_segment(first, node) or "" for node in parts)

    assert sum(bool(line.strip()) for line in text.splitlines()) <= 30
