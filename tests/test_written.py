"""Definitions that are written while we run belong to the scope that they are run in, though their code is shared."""

from __future__ import annotations

from ordinis_rx.written import define


def test_one_text_is_defined_anew_in_each_scope() -> None:
    scopes = [{"step": 1}, {"step": 100}]
    for scope in scopes:
        define("def later(at):\n    return at + step", scope)

    one, other = (scope["later"] for scope in scopes)
    assert (one(5), other(5)) == (6, 105)  # type: ignore[operator]
    assert one.__code__ is other.__code__  # type: ignore[attr-defined]
