from __future__ import annotations

import re
import signal
import urllib.request
from collections.abc import Callable
from typing import Any

from ordinis_rx.cli import main

Start = Callable[..., Any]


def test_the_first_line_is_the_address_of_a_page_and_ctrl_c_ends_it(run: Start) -> None:
    showing = run("dashboard", "--demo")
    found = re.search(r"http://127\.0\.0\.1:\d+/", showing.first)
    assert found is not None
    with urllib.request.urlopen(found[0]) as page:
        assert b"<title>ordinis_rx</title>" in page.read()
    code, _, err = showing.end(signal.SIGINT)
    assert (code, err) == (0, "")


def test_it_ends_by_itself_when_its_time_is_over() -> None:
    assert main(["dashboard", "--demo", "--duration", "0.2"]) == 0
