"""The charts of the demo's page: prices with their interval, and connections."""

from __future__ import annotations

from html import escape

from ordinis_rx.commands.drawing import Lane, Picture, Point, Reach, Span, lanes, lines
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.events import Gap
from ordinis_rx.timebase import Nanos, seconds

__all__ = ["KEYS", "connections", "prices"]

KEYS = "".join(
    f'<span class="key {kind}"></span>{text}'
    for kind, text in (
        ("consensus", "consensus"),
        ("band", "its interval"),
        ("true", "hidden true price"),
        ("shade", "data missing"),
        ("outlier", "outlier"),
        ("stale", "stale"),
        ("lost", "lost"),
    )
)
"""What the colours of `prices` mean."""


def prices(symbol: str, outcome: Outcome, heard: Heard, began: Nanos) -> str:
    """The consensus on *symbol*, its interval and the true price over time; who was not used, and why."""

    def at(ts: Nanos) -> float:
        return seconds(ts - began)

    end = _end(outcome, heard, began)
    looks = [look for look in heard.agreement.looks if look.symbol == symbol]
    picture = Picture(
        series=[
            ("true", [Point(at(look.ts), look.true) for look in looks]),
            ("consensus", [Point(at(look.ts), look.price) for look in looks]),
        ],
        band=[
            Reach(at(look.ts), look.price - look.half_width, look.price + look.half_width)
            for look in looks
        ],
        shades=[
            Span(at(gap.ts_from), at(gap.ts_to), _told_of(gap), "shade") for gap in heard.board.gaps
        ],
        strips=[
            Lane(
                provider.name,
                [
                    Span(
                        at(each.since),
                        end if each.until is None else at(each.until),
                        f"{each.provider}: {each.reason} from {at(each.since):.2f} s on",
                        each.reason,
                    )
                    for each in heard.agreement.exclusions
                    if (each.provider, each.symbol) == (provider.name, symbol)
                ],
            )
            for provider in outcome.providers
        ],
    )
    title = f"{symbol}: consensus with its interval, and true price"
    return f"<h3>{escape(symbol)}</h3>{lines(title, picture, end)}"


def connections(outcome: Outcome, heard: Heard, began: Nanos) -> str:
    """When each provider was connected, when it was broken, and when it was false."""
    rows = [
        Lane(
            provider.name,
            spans=[
                Span(seconds(gap.ts_from - began), seconds(gap.ts_to - began), _told_of(gap))
                for gap in heard.board.gaps
                if gap.provider == provider.name
            ]
            + [
                Span(each.at, each.until, f"{each.fault} from {each.at:.1f} s on", "false")
                for each in outcome.falsehoods
                if each.provider == provider.name
            ],
            hits=[
                Span(fault.at, fault.at, f"{fault.fault} at {fault.at:.1f} s")
                for fault in outcome.faults
                if fault.provider == provider.name
            ],
        )
        for provider in outcome.providers
    ]
    title = "when each provider was connected, and when it was false"
    return lanes(title, rows, _end(outcome, heard, began))


def _end(outcome: Outcome, heard: Heard, began: Nanos) -> float:
    """When the charts end: what was due late made the demo longer."""
    return max(
        [outcome.seconds, *(seconds(look.ts - began) for look in heard.agreement.looks[-1:])]
    )


def _told_of(gap: Gap) -> str:
    length = seconds(gap.duration)
    return f"{gap.provider}: gap of {length:.2f} s ({gap.reason.value.lower()})"
