"""The dashboard and pages of others in the same browser: they learn nothing and change nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser.pages import address, is_so
from tests.commands.conftest import running

pytestmark = pytest.mark.browser

Look = Callable[..., Any]


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with running("dashboard", "--demo", "--seed", "7") as dashboard:
        yield address(dashboard)


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A page of another origin on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


LISTEN = """(url) => new Promise((told) => {
  const socket = new WebSocket(url);
  socket.onmessage = () => told("heard");
  socket.onclose = ({ code }) => told(`closed ${code}`);
})"""


def test_another_sites_page_can_neither_listen_nor_read_nor_frame_it(
    demo: str, elsewhere: str, look: Look
) -> None:
    feed = demo.replace("http:", "ws:") + "feed"
    own = look(demo).page
    assert own.evaluate(LISTEN, feed) == "heard"

    page = look(elsewhere).page
    assert page.evaluate(LISTEN, feed) == "closed 1006"
    reading = "(url) => fetch(url).then(() => 'read', (error) => error.name)"
    for path in ("", "dashboard.js", "feed"):
        assert page.evaluate(reading, demo + path) == "TypeError"
    page.evaluate(
        "(url) => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }",
        demo,
    )
    is_so(page, "frames.length === 1")
    inner = page.frames[1]
    assert inner.url != demo or inner.locator("#providers").count() == 0


def test_a_name_that_leads_here_is_not_answered(
    chromium_path: str, chromium: Any, demo: str
) -> None:
    # What a site does that lets its own name point at this machine: the browser takes page and dashboard for one origin.
    port = demo.rsplit(":", 1)[1].strip("/")
    rebound = chromium.browser_type.launch(
        executable_path=chromium_path,
        args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
    )
    page = rebound.new_page()
    answer = page.goto(f"http://evil.example:{port}/")
    assert answer.status == 403
    assert "not by that name" in answer.text()
    assert page.evaluate(LISTEN, f"ws://evil.example:{port}/feed") == "closed 1006"
    rebound.close()


def test_its_own_page_can_only_listen(demo: str, look: Look) -> None:
    page = look(demo).page
    saying = """(url) => new Promise((told) => {
      const socket = new WebSocket(url);
      socket.onopen = () => socket.send("stop everything");
      socket.onclose = ({ code, reason }) => told([code, reason]);
    })"""
    assert page.evaluate(saying, demo.replace("http:", "ws:") + "feed") == [
        1008,
        "this page only listens",
    ]
    asking = "([url, method]) => fetch(url, { method }).then((answer) => answer.ok, () => false)"
    for method in ("POST", "PUT", "DELETE"):
        assert page.evaluate(asking, [demo, method]) is False
    elsewhere = "() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)"
    assert page.evaluate(elsewhere) == "TypeError"
