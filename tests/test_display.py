"""How values show themselves: as text that stays text, in nobody's colours."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ordinis_rx.consensus import AggregatedQuote, ProviderStats
from ordinis_rx.display import Column, Sheet, Shown, counted, figures, listed, moment, moments
from ordinis_rx.feed import feed
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.frames import QuoteFrame, TradeFrame
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.testing import a_trade

URL = "wss://stream.example/stocks?apiKey=canary-4711"
HOSTILE = "<script>alert(1)</script>&\"'[bold red]\x1b[31m\u202e"

FEED = feed(polygon("canary-4711", url=URL), [f"S{n}" for n in range(30)])

VALUES: dict[str, Shown] = {
    "Feed": FEED,
    "FeedStats": FEED.stats,
    "ProviderStats": ProviderStats("finnhub", request_count=4, success_count=3),
    "AggregatedQuote": AggregatedQuote(
        symbol="AAPL", ts_event=5, price=185.0051, half_width=0.0212345, providers_used=("a", "b")
    ),
    "TradeFrame": TradeFrame.from_events([a_trade(float(n), seq=n) for n in range(1, 1_000)]),
}

each_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)


class Page(HTMLParser):
    """The texts and tags of a page, and whether every tag that was opened was closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(value: Shown) -> Page:
    made = Page(value._repr_html_())
    assert made.open == []
    return made


def drawn(value: Shown, width: int = 200) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor"
    )
    console.print(value)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@each_value
def test_a_value_is_a_small_table_with_its_name_on_top(value: Shown) -> None:
    shown = page(value)

    assert type(value).__name__ in shown.texts[0]
    assert type(value).__name__ in drawn(value)
    assert shown.tags.count("tr") <= 16
    assert len(value._repr_html_()) < 8_000


@each_value
def test_a_page_is_in_the_colours_of_its_reader(value: Shown) -> None:
    made = value._repr_html_()

    assert not re.search(r"color|background|#[0-9a-f]{3}|rgb|<style|class=", made, re.I)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", drawn(value))


@each_value
def test_no_value_shows_a_key_or_an_address(value: Shown) -> None:
    for made in (value._repr_html_(), drawn(value)):
        assert not re.search(r"canary|4711|wss?:|https?:|stream\.example", made)


def test_a_feed_shows_its_state_its_figures_and_the_first_of_its_symbols() -> None:
    texts = page(FEED).texts

    assert texts[0] == "Feed polygon, DISCONNECTED"
    told = dict(zip(texts[1::2], texts[2::2], strict=True))
    assert told["symbols"] == ", ".join(f"S{n}" for n in range(10)) + " and 20 more"
    assert told["connects"] == "0 of 0 attempts"
    assert told["connected_at"] == told["lag_p50"] == told["decode_errors"] == "-"


def test_figures_of_a_feed_are_readable() -> None:
    stats = FeedStats(
        provider="polygon",
        connects=2,
        attempts=3,
        connected_at=1_700_000_000_000_000_000,
        events=1_234_567,
        decode_errors={"late": 1, "missing-price": 3},
        lag_p99=12_345_678,
    )

    texts = page(stats).texts

    told = dict(zip(texts[1::2], texts[2::2], strict=True))
    assert told["connected_at"] == "2023-11-14 22:13:20.000000000"
    assert told["events"] == "1,234,567"
    assert told["decode_errors"] == "missing-price 3, late 1"
    assert told["lag_p99"] == "12.346 ms"


def test_a_record_of_a_provider_shows_shares_and_dashes_for_what_was_never_seen() -> None:
    stats = ProviderStats(
        "finnhub",
        request_count=1_000,
        success_count=800,
        errors={"timeout": 200},
        outlier_count=80,
        latency_p50_ms=12.3456,
        last_success=1_700_000_000_000_000_000,
    )

    texts = page(stats).texts

    told = dict(zip(texts[1::2], texts[2::2], strict=True))
    assert texts[0] == "ProviderStats of finnhub"
    assert (told["request_count"], told["success_rate"], told["errors"]) == (
        "1,000",
        "80.0%",
        "timeout 200",
    )
    assert (told["outlier_share"], told["latency_p50_ms"]) == ("10.0%", "12.35")
    assert told["last_success"] == "2023-11-14 22:13:20.000000000"
    assert told["staleness_ms"] == told["deviation_bps"] == told["last_error"] == "-"


def test_an_answer_shows_its_interval_and_who_was_left_out() -> None:
    answer = AggregatedQuote(
        symbol="AAPL",
        ts_event=1_700_000_000_000_000_000,
        price=185.0051,
        half_width=0.0212345,
        confidence=0.987,
        bid=185.0,
        ask=185.01,
        providers_used=("a", "b"),
        outliers_excluded=("c",),
        stale=("d",),
    )

    texts = page(answer).texts

    told = dict(zip(texts[1::2], texts[2::2], strict=True))
    assert texts[0] == "AggregatedQuote of AAPL, OK"
    assert told["price"] == "185.0051 ± 0.021"
    assert told["confidence"] == "99%"
    assert told["bid, ask"] == "185, 185.01"
    assert (told["providers_used"], told["reasons"]) == ("a, b", "c outlier, d stale")
    assert told["volume"] == "-"


def test_a_long_frame_shows_both_ends_of_it_under_names_and_kinds() -> None:
    frame = QuoteFrame.from_columns(
        symbol="EURUSD", ts_event=range(1_000, 2_000), bid=1.25, ask=1.2502, provider="oanda"
    )

    shown = page(frame)

    assert shown.tags.count("tr") == 1 + 5 + 1 + 5
    assert shown.tags.count("th") == 5
    heads = shown.texts[1 : shown.texts.index("EURUSD")]
    assert dict(zip(heads[::2], heads[1::2], strict=True)) == {
        "symbol": "str",
        "ts_event": "1970-01-01 UTC",
        "provider": "str",
        "bid": "float64",
        "ask": "float64",
    }
    times = [text for text in shown.texts if text.startswith("00:")]
    assert (times[0], times[-1]) == ("00:00:00.000001000", "00:00:00.000001999")
    assert shown.texts.count("…") == 5


def test_a_frame_shows_a_time_of_arrival_that_is_not_known_as_a_dash() -> None:
    told = [a_trade(1.0, at=5, ts_recv=7), a_trade(2.0, at=6)]

    texts = page(TradeFrame.from_events(told)).texts

    assert "00:00:00.000000007" in texts
    assert texts.count("-") == 1


def test_what_a_vendor_said_is_text_on_a_page() -> None:
    frame = TradeFrame.from_events([a_trade(1.0, symbol=HOSTILE, venue=HOSTILE, seq=1)])
    answer = AggregatedQuote(symbol=HOSTILE, ts_event=5, outliers_excluded=(HOSTILE,))
    stats = FeedStats(provider=HOSTILE, decode_errors={HOSTILE: 1})

    for value in (frame, answer, stats, ProviderStats(HOSTILE, errors={HOSTILE: 1})):
        shown = page(value)
        assert set(shown.tags) <= {
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "br",
            "small",
        }
        assert any("<script>alert(1)</script>&\"'[bold red]�[31m�" in text for text in shown.texts)


def test_what_a_vendor_said_is_text_in_a_terminal() -> None:
    frame = TradeFrame.from_events([a_trade(1.0, symbol=HOSTILE, seq=1)])

    lines = drawn(frame)

    assert "[bold red]�[31m�" in lines
    assert not re.search(r"\x1b\[31m|\u202e", lines)


def test_a_narrow_terminal_shows_fewer_columns_whole_and_says_so() -> None:
    frame = QuoteFrame.from_columns(
        symbol="EURUSD", ts_event=[5], ts_recv=[7], seq=[3], bid=1.25, ask=1.2502, provider="oanda"
    )

    wide, narrow, tiny = (drawn(frame, width) for width in (120, 70, 5))

    assert "left out" not in wide
    assert "2 of 7 columns left out" in narrow
    assert "…" not in narrow
    assert [
        name for name in ("symbol", "ts_event", "provider", "bid", "ask") if name not in narrow
    ] == []
    assert not re.search(r"ts_recv|seq", narrow)
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", narrow).splitlines())) <= 70
    assert "6of7columnsleftout" in "".join(tiny.split())


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_makes_a_sound_page(title: str, cell: str) -> None:
    made = Page(Sheet(title, (Column(title),), [(cell,)]).html())

    assert made.open == []
    assert set(made.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert all(len(text) <= 80 and (not text or text.isprintable()) for text in made.texts)


def test_a_long_text_is_cut() -> None:
    assert Page(figures("t", {"message": "x" * 500}).html()).texts[-1] == "x" * 79 + "…"


def test_moments_that_no_calendar_knows_are_numbers() -> None:
    assert moment(-(1 << 62)).startswith("1823-")
    assert moment(1 << 90) == f"{1 << 90} ns"


def test_times_of_several_days_are_told_with_their_days_and_no_finer_than_needed() -> None:
    assert moments([0, 86_400_000_001_000]) == (
        "",
        ["1970-01-01 00:00:00.000000", "1970-01-02 00:00:00.000001"],
    )
    assert moments([None, 1 << 90]) == ("", ["-", f"{1 << 90} ns"])
    assert moments([]) == ("", [])


def test_lists_and_counts_are_cut_after_the_most() -> None:
    assert listed(map(str, range(1_007))) == "0, 1, 2, 3, 4 and 1,002 more"
    assert counted({str(n): n for n in range(1, 8)}) == "7 7, 6 6, 5 5, 4 4, 3 3 and 2 more"
    assert listed([]) == "-"
