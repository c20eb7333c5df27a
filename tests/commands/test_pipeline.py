from __future__ import annotations

import pytest

from ordinis_rx.commands.pipeline import pipeline_of, span_of
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, a_quote, a_trade
from ordinis_rx.timebase import DAY, HOUR, MILLI, MINUTE, SECOND

STORY = [a_trade(1, at=1), a_quote(at=2), a_trade(2, at=SECOND + 1), a_bar(5, at=3 * SECOND)]


def told(pipeline: str) -> list[object]:
    stream = from_events(STORY)
    heard: list[object] = []
    for step in pipeline_of(pipeline):
        stream = stream.pipe(step)  # type: ignore[assignment]
    stream.subscribe(heard.append)
    return heard


@pytest.mark.parametrize(
    ("pipeline", "kind", "count"),
    [
        ("trades", "Trade", 2),
        ("quotes | mid", "Reading", 1),
        ("quotes|spread", "Reading", 1),
        ("bars", "Bar", 1),
        ("bars:1s", "Bar", 2),
        ("bid_bars:1s", "Bar", 1),
        ("ask_bars:1s", "Bar", 1),
        ("mid_bars:1s", "Bar", 1),
        ("trades|tick_bars:2", "Bar", 1),
    ],
)
def test_steps_are_operators(pipeline: str, kind: str, count: int) -> None:
    assert [type(fact).__name__ for fact in told(pipeline)] == [kind] * count


@pytest.mark.parametrize(
    ("pipeline", "complaint"),
    [
        ("nonsense", "no step 'nonsense'; there are trades, quotes"),
        ("trades:5", "no step 'trades:5'"),
        ("bars:1", "--pipeline bars:1: must be a span such as 1s, 250ms, 5m, 1h or 1d, got '1'"),
        ("bars:0s", "got '0s'"),
        ("trades|tick_bars:few", "must be a whole number above 0, got 'few'"),
        ("", "no step ''"),
    ],
)
def test_what_there_is_not_is_refused_in_words(pipeline: str, complaint: str) -> None:
    with pytest.raises(BadUsage) as refused:
        pipeline_of(pipeline)
    assert complaint in str(refused.value)


def test_spans_have_units() -> None:
    spans = [span_of(text) for text in ("250ms", "1s", "5m", "2h", "1d")]
    assert spans == [250 * MILLI, SECOND, 5 * MINUTE, 2 * HOUR, DAY]
