"""Pages in a real browser: the machine's own Chromium without a window, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import keys, run

__all__ = ["keys", "run"]  # fixtures that are these tests' too

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on PATH (one of {', '.join(NAMES)}) and none named by CHROMIUM")
    return found


# A module, not the session: while Playwright is at work, no event loop can be run beside it in this thread.
@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Any]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed; make browser installs it"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            # The sandbox needs rights that containers do not give; only our own pages are opened here.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that is looked at, all that its console said, and where it has asked."""

    page: Any
    console: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


Look = Callable[..., Visit]


@pytest.fixture
def look(chromium: Any) -> Iterator[Look]:
    """Open an address in a window of its own, of a size, in light or dark, in a time zone."""
    with ExitStack() as stack:

        def at(
            url: str,
            *,
            width: int = 1280,
            height: int = 900,
            scheme: str = "light",
            zone: str = "America/New_York",
        ) -> Visit:
            context = chromium.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id=zone
            )
            stack.callback(context.close)
            context.set_default_timeout(30_000)
            visit = Visit(context.new_page())
            visit.page.on("console", lambda said: visit.console.append(f"{said.type}: {said.text}"))
            visit.page.on("pageerror", lambda error: visit.console.append(f"raised: {error}"))
            visit.page.on("request", lambda request: visit.asked.add(request.url))
            visit.page.goto(url)
            return visit

        yield at


@pytest.fixture
def screenshot() -> Callable[[Any, str], None]:
    """Take a picture of a page for the documentation, if the environment names a folder (make screenshots)."""
    folder = os.environ.get("ORDINIS_SCREENSHOTS")

    def take(page: Any, name: str) -> None:
        if not folder:
            return
        from PIL import Image

        # In 128 colors: a third of the bytes, and nothing that is seen.
        taken = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB").quantize(128)
        taken.save(Path(folder, f"{name}.png"), optimize=True)

    return take
