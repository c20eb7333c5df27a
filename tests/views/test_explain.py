"""`explain`: a pipeline as text and as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.consensus import changes, combine, panel, reject_outliers, score, validate
from ordinis_rx.testing import a_quote, a_trade

STORY = [a_trade(1.0), a_quote(1.0, 2.0), a_trade(2.0), a_trade(3.0)]


def test_each_line_is_a_step_with_what_feeds_it() -> None:
    shared = ox.from_events(STORY).pipe(ox.share())
    joined = shared.pipe(oo.trades(), oo.with_latest(shared.pipe(oo.quotes())))
    lines = [line.split(maxsplit=1)[1] for line in str(ox.explain(joined)).splitlines()[1:5]]
    assert [" ".join(line.split()) for line in lines] == [
        "share()",
        "trades()",
        "quotes() from 2",
        "with_latest(...) from 3, 4",
    ]


def test_counters_say_what_was_dropped_by_those_that_choose() -> None:
    means = ox.from_events(STORY).pipe(oo.trades(), oo.rolling_mean(2))
    told = ox.explain(means, counters=True)
    means.subscribe(lambda _: None)
    rows = [line.split() for line in told.text.splitlines()]
    assert " ".join(rows[0]) == "events in out dropped rows an item ns an event"
    trades = next(row for row in rows if "trades()" in row)
    mean = next(row for row in rows if "rolling_mean(2)" in row)
    assert trades[2:5] == ["4", "3", "1"]
    assert mean[2:4] == ["3", "2"]
    told.close()
    means.subscribe(lambda _: None)
    assert [line.split() for line in told.text.splitlines()] == rows


def test_the_picture_has_a_box_for_each_step_and_an_arrow_for_each_feed() -> None:
    picture = ox.explain(ox.from_events(STORY).pipe(oo.for_symbols("A<B>"), oo.trades())).mermaid
    assert picture.splitlines()[0] == "flowchart TD"
    assert picture.count("[") >= 3
    assert picture.splitlines()[-2:] == ["    s1 --> s2", "    s2 --> s3"]
    assert "A&lt;B>" in picture


def test_a_notebook_gets_text_and_picture() -> None:
    bundle = ox.explain(ox.from_events(STORY))._repr_mimebundle_(include=None)
    assert set(bundle) == {"text/plain", "text/vnd.mermaid"}


def test_what_is_no_stream_is_refused() -> None:
    with pytest.raises(TypeError, match="explain takes streams, got 3"):
        ox.explain(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="at least one stream"):
        ox.explain()


def test_recordings_and_the_parts_of_a_consensus_go_by_what_they_were_called_with(
    tmp_path: Path,
) -> None:
    source = ox.from_events([a_trade(1.0)])
    ox.record(source, tmp_path / "tape").close()
    folded = ox.replay(tmp_path / "tape", symbols=["A"]).pipe(
        validate(), panel(), reject_outliers(), combine(), score(), changes()
    )

    steps = [line.split(maxsplit=1)[1] for line in ox.explain(folded).text.splitlines()[:7]]

    assert steps[0].startswith("replay(")
    assert steps[1:] == [
        "validate()",
        "panel()",
        "reject_outliers()",
        "combine()",
        "score()",
        "changes()",
    ]
