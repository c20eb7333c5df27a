"""The dashboard in a browser: what it shows, how it is used by keyboard, and at which sizes and in which light."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ordinis_rx as ox
from tests.browser.pages import address, is_so, texts
from tests.commands.conftest import Start, running

pytestmark = pytest.mark.browser

Look = Callable[..., Any]


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with running("dashboard", "--demo", "--seed", "7") as dashboard:
        yield address(dashboard)


def test_health_consensus_lines_candles_and_events_are_shown_as_they_come(
    demo: str, look: Look
) -> None:
    visit = look(demo)
    page = visit.page
    # The demo breaks each provider in turn: all of it has been seen when gaps, reconnects and crosses are there.
    is_so(page, "document.getElementById('state').textContent === 'live'")
    is_so(page, "document.querySelectorAll('#symbols tr').length === 3")
    is_so(
        page,
        "[...document.querySelectorAll('#providers tr')].some((tr) => +tr.cells[5].textContent > 0)",
    )
    is_so(
        page,
        "[...document.querySelectorAll('#providers tr')].some((tr) => +tr.cells[4].textContent > 0)",
    )
    is_so(page, "crossed.length > 0 && series.kept.length > 3")
    assert sorted(texts(page, "#providers td:first-child")) == ["alpaca", "finnhub", "polygon"]
    assert all(float(lag) > 0 for lag in texts(page, "#providers td:nth-child(3)"))
    assert sorted(texts(page, "#symbols td:first-child")) == ["AAPL", "MSFT", "NVDA"]
    kinds = set(texts(page, "#log li span:nth-child(2)"))
    assert {"status", "gap", "left out"} <= kinds
    seconds = page.evaluate("lines.data[0]")
    assert len(seconds) > 4
    assert seconds == sorted(seconds)
    assert texts(page, "#legend [role=button]") == ["consensus", "alpaca", "finnhub", "polygon"]
    assert visit.console == []
    assert {url for url in visit.asked if not url.startswith((demo, "data:"))} == set()


def test_events_go_on_being_counted(demo: str, look: Look) -> None:
    page = look(demo).page
    cell = "document.querySelector('#providers tr td:nth-child(4)').textContent"
    is_so(page, "document.querySelector('#providers tr') !== null")
    before = page.evaluate(cell)
    is_so(page, f"{cell} !== '{before}'")


RATIO = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = numbers(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const of = (e) => {
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  return [...document.querySelectorAll("h1, h2, p, td, th, a, button, time, #log span, strong")]
    .filter((e) => e.textContent.trim() && e.offsetParent)
    .map((e) => [of(e), e.tagName, e.className, e.textContent.slice(0, 30)])
    .filter(([ratio]) => ratio < 4.5);
}"""


PICTURES = {(1280, "light"): "dashboard", (390, "dark"): "dashboard-narrow"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_readable_and_as_wide_as_the_window_in_any_light(
    demo: str, look: Look, screenshot: Callable[..., None], width: int, scheme: str
) -> None:
    page = look(demo, width=width, height=844, scheme=scheme).page
    is_so(page, "document.querySelectorAll('#log li').length > 3")
    is_so(page, "series !== null && series.kept.length > 20")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert (
        page.evaluate(
            "document.getElementById('lines').scrollWidth - document.getElementById('lines').clientWidth"
        )
        <= 0
    )
    assert page.evaluate(RATIO) == []
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(back[4:].split(",")[0]) < 128) == (scheme == "dark")
    if name := PICTURES.get((width, scheme)):
        screenshot(page, name)


def test_a_window_that_becomes_narrow_or_dark_is_followed(demo: str, look: Look) -> None:
    page = look(demo).page
    is_so(page, "lines !== null && chart !== null")
    wide = page.evaluate("lines.width")
    page.set_viewport_size({"width": 390, "height": 844})
    is_so(page, f"lines.width < {wide} && document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    is_so(page, "chart.options().layout.textColor === color('--soft') && series.kept.length > 0")


FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [e.id || e.getAttribute("aria-labelledby") || e.textContent, seen];
}"""


def test_the_keyboard_reaches_everything_in_order_visibly_and_gets_out_again(
    demo: str, look: Look
) -> None:
    page = look(demo).page
    is_so(page, "document.querySelectorAll('#pick button').length === 3")
    is_so(page, "document.querySelectorAll('#legend [role=button]').length === 4")
    symbols = texts(page, "#pick button")
    expected = [
        *("h-providers", "h-consensus"),
        *symbols,
        *("consensus", "alpaca", "finnhub", "polygon"),
        "Lightweight Charts™ by TradingView",
        "log",
    ]
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        name, seen = page.evaluate(FOCUSED)
        assert seen, f"{name} has the focus, and nothing shows it"
        reached.append(name)
    assert reached == expected
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "log"


def test_symbols_and_lines_are_chosen_by_keyboard(demo: str, look: Look) -> None:
    page = look(demo).page
    is_so(page, "document.querySelectorAll('#pick button').length === 3")
    second = page.locator("#pick button").nth(1)
    second.press("Enter")
    assert second.get_attribute("aria-pressed") == "true"
    assert page.evaluate("shown") == second.inner_text()
    is_so(page, "series.kept.length > 0")
    provider = page.locator("#legend [role=button]", has_text="alpaca")
    provider.press("Space")
    assert provider.get_attribute("aria-pressed") == "false"
    assert page.evaluate("lines.series.find((s) => s.label === 'alpaca').show") is False
    provider.press("Enter")
    assert page.evaluate("lines.series.find((s) => s.label === 'alpaca').show") is True


def test_the_log_is_scrolled_by_keyboard(demo: str, look: Look) -> None:
    page = look(demo).page
    is_so(
        page,
        "document.getElementById('log').scrollHeight > document.getElementById('log').clientHeight",
    )
    page.locator("#log").press("End")
    is_so(page, "document.getElementById('log').scrollTop > 0")


def test_the_wheel_scrolls_the_page_over_the_charts_too(demo: str, look: Look) -> None:
    page = look(demo).page
    is_so(page, "chart !== null && lines !== null")
    for chart in ("#lines", "#candles"):
        page.evaluate("scrollTo(0, 0)")
        page.locator(chart).hover()
        at = page.evaluate("scrollY")
        page.mouse.wheel(0, 100 if at == 0 else -100)
        is_so(page, f"scrollY !== {at}")


def test_times_are_utc_wherever_the_browser_is(demo: str, look: Look) -> None:
    page = look(demo, zone="Asia/Kathmandu").page
    is_so(page, "lines !== null && lines.data[0].length > 4 && lines.axes[0]._values?.length > 0")
    told = page.evaluate(
        "lines.axes[0]._splits.map((at, k) => [new Date(at * 1000).toISOString(), lines.axes[0]._values[k]])"
    )
    assert told
    for moment, text in told:
        assert text.split("\n")[0] in moment
    logged = page.locator("#log time").first.inner_text()
    assert abs(int(logged[:2]) - int(told[-1][0][11:13])) in {0, 1, 23}


def test_a_simulated_provider_is_followed_through_the_loss_of_its_server(
    run: Start, look: Look, keys: dict[str, str]
) -> None:
    words = ["--protocol", "polygon", "--symbols", "AAPL,MSFT", "--rate", "200", "--seed", "7"]
    server = run("simulate", *words)
    url = server.first.removeprefix("listening ").strip()
    dashboard = run("dashboard", "--provider", "polygon", "--url", url, "--symbols", "AAPL,MSFT")
    visit = look(address(dashboard))
    page = visit.page
    is_so(page, "document.querySelector('#providers .good')?.textContent === 'CONNECTED'")
    is_so(page, "document.querySelectorAll('#symbols tr').length === 2 && series.kept.length > 0")
    server.end(signal.SIGINT)
    is_so(page, "document.querySelector('#providers .warn')?.textContent === 'RECONNECTING'")
    assert keys["POLYGON_API_KEY"] not in page.content()
    assert visit.console == []


def test_a_replay_has_as_many_digits_as_its_prices_need_and_says_when_it_is_over(
    run: Start, look: Look, tmp_path: Path
) -> None:
    recording = tmp_path / "euro"
    euro = ox.sim.market(
        ["EURUSD"], seed=7, duration=20 * ox.SECOND, prices={"EURUSD": 1.0851}, tick_size=1e-5
    )
    ox.record(euro, recording)
    page = look(address(run("dashboard", "--replay", str(recording), "--speed", "20"))).page
    is_so(page, "document.getElementById('state').textContent === 'ended'")
    assert re.fullmatch(r"1\.0\d{4}", texts(page, "#symbols td:nth-child(2)")[0])
    assert page.evaluate("series.series.options().priceFormat.precision") == 5
    assert page.evaluate("series.kept.length") > 10


def test_a_page_whose_server_comes_back_is_told_everything_once(run: Start, look: Look) -> None:
    first = run("dashboard", "--demo", "--seed", "7")
    url = address(first)
    page = look(url).page
    is_so(page, "document.querySelectorAll('#log li').length > 3")
    first.end(signal.SIGINT)
    is_so(page, "document.getElementById('state').textContent.startsWith('disconnected')")
    address(run("dashboard", "--demo", "--seed", "7", "--port", url.rsplit(":", 1)[1].strip("/")))
    is_so(page, "document.getElementById('state').textContent === 'live'")
    is_so(page, "document.querySelectorAll('#log li').length > 3")
    told = texts(page, "#log li")
    assert len(told) == len(set(told))
