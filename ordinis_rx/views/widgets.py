"""`chart` and `table`: a stream as something that moves in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from reactivex import Observable, abc

from ordinis_rx.checks import check_count, check_stream
from ordinis_rx.errors import MissingExtra
from ordinis_rx.views.pulse import follow
from ordinis_rx.views.rows import Rows
from ordinis_rx.views.series import Batch, Plot

__all__ = ["chart", "table"]


def chart(stream: Observable[Any], *, points: int = 1200) -> Any:
    """A chart of *stream* that follows it: lines, candles, and a consensus with its band; gaps are shaded.

    Mids of quotes, last prices of trades, readings and consensus prices are lines, bars are candles. The newest *points* of
    each series are kept, here and in the page, and what is new is sent ten times a second, as binary columns; it needs no
    network. Times are `ts_event`. The stream is subscribed to at once, and let go by ``.close()``, or when it ends; an error
    that ends it is written above the chart. Needs the extra `notebook`.

    >>> import ordinis_rx as ox
    >>> from ordinis_rx import operators as oo
    >>> market = ox.sim.market(["AAPL"], seed=7, duration=5 * ox.SECOND)
    >>> ox.chart(market.pipe(oo.trades(), oo.time_bars(ox.SECOND))).close()
    """
    check_stream("chart", stream)
    check_count("chart: points", points, "points", least=2)
    plot = Plot(points)
    return _widget("chart")(stream, plot.add, plot.news, plot.whole)


def table(stream: Observable[Any], *, rows: int = 200) -> Any:
    """A table of *stream* that follows it: the newest fact of each kind, symbol and provider.

    At most *rows* of them, those that were heard of first going first. Updated ten times a second; otherwise as `chart`.

    >>> import ordinis_rx as ox
    >>> ox.table(ox.sim.market(["AAPL"], seed=7, duration=5 * ox.SECOND)).close()
    """
    check_stream("table", stream)
    check_count("table: rows", rows, "rows")
    newest = Rows(rows)
    return _widget("table")(stream, newest.add, newest.news, newest.whole)


@cache
def _widget(name: str) -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingExtra(f"a {name}", package="anywidget", extra="notebook") from error
    static = files("ordinis_rx.views").joinpath("static")
    below = ("uplot.js", "lightweight-charts.js", "drawing.js") if name == "chart" else ()
    script = "\n".join(static.joinpath(part).read_text("utf-8") for part in (*below, f"{name}.js"))
    style = [static.joinpath("uplot.css").read_text("utf-8")] if name == "chart" else []
    style.append(static.joinpath("widgets.css").read_text("utf-8"))

    class Live(anywidget.AnyWidget):
        """Follows one stream; each view that opens is told all that is kept."""

        _esm = script
        _css = "\n".join(style)
        failure = traitlets.Unicode("").tag(sync=True)

        def __init__(
            self,
            stream: Observable[Any],
            take: Callable[[Any], None],
            news: Callable[[], Batch | None],
            whole: Callable[[], Batch],
        ) -> None:
            super().__init__()
            self._news = news
            self._whole = whole
            self.on_msg(self._opened)  # pyright: ignore[reportUnknownMemberType]
            self._following: abc.DisposableBase = follow(stream, take, self._tell, self._failed)

        def close(self) -> None:
            """Let go of the stream, and of the page."""
            self._following.dispose()
            super().close()

        def _tell(self) -> None:
            batch = self._news()
            if batch is not None:
                self._say({"all": False, **batch.told}, batch.blocks)

        def _opened(self, *_: Any) -> None:
            batch = self._whole()
            self._say({"all": True, **batch.told}, batch.blocks)

        def _say(self, told: dict[str, Any], blocks: list[bytes]) -> None:
            self.send(told, buffers=blocks)  # pyright: ignore[reportUnknownMemberType]

        def _failed(self, error: Exception) -> None:
            self.failure = str(error)

    Live.__name__ = name.capitalize()
    return Live
