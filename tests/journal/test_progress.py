from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordinis_rx.journal.progress import shown


def ticking() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 0.6


@pytest.mark.parametrize(("progress", "bar"), [(True, True), (False, False), (None, False)])
def test_a_bar_is_shown_where_asked_for_and_takes_nothing_away(
    progress: bool | None, bar: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ticking()
    items = shown(iter(range(1, 8)), 28, lambda n: n, progress, lambda: next(clock))
    assert list(items) == [1, 2, 3, 4, 5, 6, 7]
    out, err = capsys.readouterr()
    assert out == ""
    assert ("replay" in err) == bar


def test_what_is_short_shows_nothing_and_what_is_left_is_closed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quick = shown(iter([1, 2]), 2, lambda n: n, True, lambda: 0.0)
    assert list(quick) == [1, 2]
    clock = ticking()
    left = shown(iter(range(9)), 9, lambda n: 1, True, lambda: next(clock))
    assert [next(left) for _ in range(6)] == [0, 1, 2, 3, 4, 5]
    left.close()  # type: ignore[attr-defined]
    assert "replay" in capsys.readouterr().err
