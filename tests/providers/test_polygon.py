from __future__ import annotations

import json

import pytest

from ordinis_rx.errors import AuthError, Disconnected, SubscriptionError
from ordinis_rx.events import Bar, Event, FeedError, Trade
from ordinis_rx.providers.polygon import FEEDS, polygon
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Refused,
    Topic,
)
from ordinis_rx.timebase import MINUTE, SECOND

KEY = "canary-9f31c2d4"
MARKETS = ("stocks", "options", "forex", "crypto", "indices", "futures")


def heard(
    *statuses: dict[str, object], market: str = "stocks"
) -> tuple[list[Event], list[Control]]:
    frame = json.dumps([{"ev": "status", **status} for status in statuses]).encode()
    facts, controls = polygon(KEY, market=market).decoder({})(frame, 7, 1)
    return facts, list(controls)


def status(word: str, message: str | None = None) -> dict[str, object]:
    return {"status": word} if message is None else {"status": word, "message": message}


# the conversation


def test_the_key_is_sent_on_opening_without_waiting_for_a_word() -> None:
    [hello] = polygon(KEY).hello

    assert json.loads(hello) == {"action": "auth", "params": KEY}


def test_s09_a_server_that_says_connected_first_is_authenticated_by_its_next_word() -> None:
    assert heard(status("connected", "Connected Successfully")) == ([], [])
    assert heard(status("auth_success", "authenticated")) == ([], [Authenticated()])
    assert polygon(KEY).authenticates


def test_a_server_that_says_both_at_once_is_understood() -> None:
    assert heard(status("connected"), status("auth_success"))[1] == [Authenticated()]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("auth_failed", "authentication failed"),
        ("auth_failed", "Your plan doesn't include websocket access."),
    ],
)
def test_a_refused_key_is_final(word: str, message: str) -> None:
    facts, [refused] = heard(status(word, message))

    assert facts == []
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, AuthError)
    assert str(refused.error) == f"polygon refused: {message}"


def test_an_auth_failure_without_a_message_still_says_what_it_is() -> None:
    [refused] = heard(status("auth_failed"))[1]

    assert isinstance(refused, Refused)
    assert str(refused.error) == "polygon refused: auth_failed"


@pytest.mark.parametrize(
    ("word", "pause"),
    [
        ("max_connections", 60.0),
        ("slow_consumer", 0.0),
        ("force_disconnect", 0.0),
        ("auth_timeout", 0.0),
    ],
)
def test_a_connection_that_the_server_ends_may_be_tried_again(word: str, pause: float) -> None:
    [refused] = heard(status(word, "Maximum number of websocket connections exceeded. "))[1]

    assert isinstance(refused, Refused)
    assert isinstance(refused.error, Disconnected)
    assert refused.error.cool_down == pause
    assert word in str(refused.error)


def test_acknowledgements_of_one_frame_are_one() -> None:
    facts, controls = heard(
        status("success", "subscribed to: T.AAPL"),
        status("success", "subscribed to: A.BRK.B"),
        status("success", "unsubscribed to: Q.MSFT"),
    )

    assert facts == []
    assert controls == [
        Acknowledged(
            topics=(Topic("trades", "AAPL"), Topic("second_bars", "BRK.B")),
            ended=(Topic("quotes", "MSFT"),),
        )
    ]


def test_one_acknowledgement_may_name_several() -> None:
    [acknowledged] = heard(status("success", "subscribed to: AM.AAPL, LULD.*"))[1]

    assert acknowledged == Acknowledged((Topic("minute_bars", "AAPL"), Topic("luld", "*")))


@pytest.mark.parametrize("message", [None, "", "ok"])
def test_an_acknowledgement_that_names_nothing_is_counted(message: str | None) -> None:
    [acknowledged] = heard(status("success", message), status("success", message))[1]

    assert acknowledged == Acknowledged(unnamed=2)


def test_an_acknowledgement_of_what_this_market_has_not_is_no_confirmation() -> None:
    facts, controls = heard(status("success", "subscribed to: XT.BTC-USD"))

    assert controls == []
    assert [fact.kind for fact in facts if isinstance(fact, FeedError)] == ["unknown-topic"]


def test_acknowledged_pairs_have_the_spelling_that_was_asked_for() -> None:
    [acknowledged] = heard(status("success", "subscribed to: C.C:EUR-USD"), market="forex")[1]

    assert acknowledged == Acknowledged((Topic("quotes", "EUR/USD"),))


@pytest.mark.parametrize(
    ("word", "message", "kind"),
    [
        ("error", "not authorized", "not-authorized"),
        ("error", "something else", "status-error"),
        ("siesta", "back at four", "unknown-status"),
    ],
)
def test_other_statuses_are_counted_and_the_connection_stays(
    word: str, message: str, kind: str
) -> None:
    facts, controls = heard(status(word, message))

    assert controls == []
    [told] = facts
    assert isinstance(told, FeedError)
    assert told.kind == kind
    assert message in told.message
    assert told.seq == 1


def test_facts_and_statuses_share_a_frame() -> None:
    frame = json.dumps(
        [
            {"ev": "status", "status": "success", "message": "subscribed to: T.A"},
            {"ev": "T", "sym": "A", "p": 1, "s": 1, "t": 1_700_000_000_000},
            {"ev": "status", "status": "error", "message": "not authorized"},
        ]
    ).encode()

    facts, controls = polygon(KEY).decoder({})(frame, 7, 5)

    assert [(type(fact), fact.seq) for fact in facts] == [(Trade, 5), (FeedError, 6)]
    assert controls == [Acknowledged((Topic("trades", "A"),))]


# secrets


def test_the_key_is_shown_nowhere() -> None:
    provider = polygon(KEY, url=f"ws://user:{KEY}@127.0.0.1:9/stocks?apiKey={KEY}")

    shown = [repr(provider), repr(provider.endpoint), provider.endpoint.shown]
    for message in (
        status("auth_failed", f"bad key {KEY}"),
        status("error", f"not authorized: {KEY}"),
        status(KEY, KEY),
        {"ev": KEY},
        {"ev": "T", "sym": "A", "p": KEY, "s": 1, "t": 1},
    ):
        facts, controls = provider.decoder({})(
            json.dumps([{"ev": "status", **message}]).encode(), 7, 1
        )
        shown += [repr(facts), repr(controls), *(str(c.error) for c in controls if isinstance(c, Refused))]  # fmt: skip
    with pytest.raises(Exception, match="cannot be read") as broken:
        provider.decoder({})(b'[{"k":"' + KEY.encode(), 7, 1)
    shown += [str(broken.value), repr(broken.value)]

    assert [text for text in shown if KEY in text] == []


def test_a_short_key_does_not_spoil_what_is_read() -> None:
    frame = (
        b'[{"ev":"status","status":"success","message":"subscribed to: T.T"},{"ev":"T","sym":"T"}]'
    )

    facts, controls = polygon("T").decoder({})(frame, 7, 1)

    assert controls == [Acknowledged((Topic("trades", "T"),))]
    assert facts[0].symbol == "T"


# addresses


@pytest.mark.parametrize("market", [*MARKETS, "futures/cme"])
def test_the_market_is_the_path(market: str) -> None:
    assert polygon(KEY, market=market).endpoint.url == f"wss://socket.massive.com/{market}"


def test_the_feed_is_the_host_and_may_be_the_older_one() -> None:
    assert polygon(KEY, feed="delayed").endpoint.url == "wss://delayed.massive.com/stocks"
    assert polygon(KEY, feed="socket.polygon.io").endpoint.url == "wss://socket.polygon.io/stocks"
    assert "socket" in FEEDS


def test_an_address_of_ones_own_replaces_all() -> None:
    assert polygon(KEY, url="ws://127.0.0.1:9/x").endpoint.url == "ws://127.0.0.1:9/x"


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="polygon: api_key is empty"):
        polygon("")


def test_an_unknown_market_or_feed_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no market 'bonds'; it has stocks"):
        polygon(KEY, market="bonds")
    with pytest.raises(ValueError, match="no feed 'slow'"):
        polygon(KEY, feed="slow")


def test_facts_carry_the_name_that_was_given() -> None:
    facts, _ = polygon(KEY, name="massive").decoder({})(b'[{"ev":"?"}]', 7, 1)

    assert facts[0].provider == "massive"


# subscriptions


@pytest.mark.parametrize(
    ("market", "symbol", "words"),
    [
        ("stocks", "AAPL", "A AM FMV LULD LV NOI Q T"),
        ("options", "O:SPY251219C00650000", "A AM FMV LV Q T"),
        ("forex", "EUR/USD", "C CA CAS FMV LV"),
        ("crypto", "BTC-USD", "FMV LV XA XAS XQ XT"),
        ("indices", "I:SPX", "A AM V"),
        ("futures", "ESZ5", "A AM Q T"),
    ],
)
def test_s11_every_market_subscribes_to_its_own_channels(
    market: str, symbol: str, words: str
) -> None:
    provider = polygon(KEY, market=market)

    [message] = provider.subscribe(provider.topics([symbol], provider.channels))

    said = json.loads(message)
    assert said["action"] == "subscribe"
    assert sorted(said["params"].split(",")) == [f"{word}.{symbol}" for word in words.split()]


@pytest.mark.parametrize("feed", ["launchpad", "launchpad.polygon.io"])
@pytest.mark.parametrize(
    ("market", "symbol"), [("stocks", "AAPL"), ("forex", "EUR/USD"), ("crypto", "BTC-USD")]
)
def test_the_launchpad_feed_has_minutes_under_one_name_in_all_markets(
    market: str, symbol: str, feed: str
) -> None:
    provider = polygon(KEY, market=market, feed=feed)
    topic = Topic("minute_bars", symbol)

    assert provider.subscribe([topic]) == [f'{{"action":"subscribe","params":"AM.{symbol}"}}']
    said = {"ev": "status", "status": "success", "message": f"subscribed to: AM.{symbol}"}
    assert provider.decoder({})(json.dumps([said]).encode(), 7, 1) == ([], [Acknowledged((topic,))])


@pytest.mark.parametrize("market", ["forex", "crypto"])
def test_a_minute_goes_to_and_fro_on_the_launchpad_feed(market: str) -> None:
    provider = polygon(KEY, market=market, feed="launchpad")
    symbol = {"forex": "EUR/USD", "crypto": "BTC-USD"}[market]
    sent = Bar(symbol=symbol, ts_event=1_700_000_040 * SECOND, interval=MINUTE, open=1.0, high=3.0,
               low=1.0, close=2.0, volume=5.0, vwap=1.5, provider="polygon", seq=1, ts_recv=7)  # fmt: skip

    [frame] = provider.encode([sent])

    assert json.loads(frame)[0]["ev"] == "AM"
    assert provider.decoder({})(str(frame).encode(), 7, 1) == ([sent], ())


@pytest.mark.parametrize(
    ("feed", "channel"),
    [("business", "fmv"), ("launchpad", "lv"), ("launchpad", "minute_bars"), ("socket", "quotes")],
)
def test_of_some_channels_of_options_there_are_a_thousand_contracts_and_no_wildcard(
    feed: str, channel: str
) -> None:
    provider = polygon(KEY, market="options", feed=feed)
    contracts = [f"O:{number}" for number in range(1001)]

    assert len(provider.topics(contracts[:1000], frozenset({channel}))) == 1000
    with pytest.raises(SubscriptionError, match=f"1001 symbols of {channel}"):
        provider.topics(contracts, frozenset({channel}))
    with pytest.raises(SubscriptionError, match=f"{channel} of options have no wildcard"):
        provider.topics(["*"], frozenset({channel}))


def test_minutes_of_options_have_no_limit_on_other_feeds() -> None:
    provider = polygon(KEY, market="options")
    contracts = [f"O:{number}" for number in range(1001)]

    assert len(provider.topics(["*", *contracts], frozenset({"minute_bars"}))) == 1002


@pytest.mark.parametrize(
    ("market", "channels"),
    [
        ("stocks", {"trades", "quotes"}),
        ("options", {"trades", "quotes"}),
        ("forex", {"quotes"}),
        ("crypto", {"trades", "quotes"}),
        ("indices", {"values"}),
        ("futures", {"trades", "quotes"}),
    ],
)
def test_the_default_is_trades_and_quotes_where_there_are_any(
    market: str, channels: set[str]
) -> None:
    assert polygon(KEY, market=market).default_channels == channels


def test_unsubscribing_says_so() -> None:
    [message] = polygon(KEY).unsubscribe([Topic("trades", "AAPL")])

    assert message == '{"action":"unsubscribe","params":"T.AAPL"}'


def test_a_long_list_is_cut_into_several_messages() -> None:
    topics = [Topic("trades", f"S{number}") for number in range(1000)]

    messages = polygon(KEY).subscribe(topics)

    assert [len(json.loads(m)["params"].split(",")) for m in messages] == [400, 400, 200]
    assert ",".join(json.loads(m)["params"] for m in messages).split(",") == [
        f"T.S{number}" for number in range(1000)
    ]


def test_no_topics_need_no_message() -> None:
    assert polygon(KEY).subscribe([]) == []


@pytest.mark.parametrize(
    ("market", "symbols", "channels", "said"),
    [
        ("stocks", ["A,B"], {"trades"}, "polygon refused: not a symbol: 'A,B'"),
        ("stocks", [], {"trades"}, "polygon refused: no symbols given"),
        ("stocks", ["A"], {"news"}, "polygon refused: no channel 'news'"),
        ("forex", ["EUR/USD"], {"trades"}, "polygon refused: no channel 'trades'"),
        ("forex", ["EUR_USD"], {"quotes"}, "'EUR_USD': a pair of forex is written with '/'"),
        ("crypto", ["X:BTCUSD"], {"trades"}, "'X:BTCUSD': a pair of crypto is written with '-'"),
        ("options", ["SPY"], {"trades"}, "'SPY': the symbols of options start with 'O:'"),
        ("indices", ["SPX"], {"values"}, "'SPX': the symbols of indices start with 'I:'"),
        ("options", ["*"], {"quotes"}, "quotes of options have no wildcard"),
        ("options", [f"O:{n}" for n in range(1001)], {"quotes"}, "1001 symbols of quotes"),
    ],
)
def test_what_the_vendor_would_never_send_is_refused_before_dialling(
    market: str, symbols: list[str], channels: set[str], said: str
) -> None:
    with pytest.raises(SubscriptionError) as refused:
        polygon(KEY, market=market).topics(symbols, frozenset(channels))

    assert said in str(refused.value)


def test_only_the_quotes_of_options_are_limited() -> None:
    provider = polygon(KEY, market="options")
    contracts = [f"O:{number}" for number in range(1001)]

    assert len(provider.topics(contracts, frozenset({"trades"}))) == 1001
    assert len(provider.topics(contracts[:1000], frozenset({"quotes"}))) == 1000
    assert provider.topics(["*"], frozenset({"trades"})) == [Topic("trades", "*")]


@pytest.mark.parametrize(
    ("market", "given", "native"),
    [
        ("stocks", "BRK.B", "BRK.B"),
        ("crypto", "X:BTC-USD", "BTC-USD"),
        ("crypto", "BTC/USD", "BTC-USD"),
        ("crypto", "X:BTCUSD", "BTCUSD"),  # where the one ends and the other begins is not told
        ("forex", "C:EURUSD", "EUR/USD"),
        ("forex", "C:EUR-USD", "EUR/USD"),
        ("forex", "EUR/USD", "EUR/USD"),
        ("forex", "*", "*"),
        ("options", "O:SPY251219C00650000", "O:SPY251219C00650000"),
    ],
)
def test_other_spellings_of_a_symbol_are_understood_where_there_is_no_doubt(
    market: str, given: str, native: str
) -> None:
    provider = polygon(KEY, market=market)

    assert provider.to_native(given) == native
    assert provider.to_native(provider.from_native(native)) == native
