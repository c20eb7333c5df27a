"""Machine code and the typed decoder make the same facts, or machine code makes none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.errors import DecodeError
from ordinis_rx.kernels import scanning
from ordinis_rx.kernels.compiled import has_numba, uncompiled
from ordinis_rx.providers import polygon_context
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.polygon_context import Context
from ordinis_rx.providers.polygon_scan import scanner

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "polygon"
NOW = 1_800_000_000_000_000_000

compiled = pytest.mark.skipif(not has_numba(), reason="numba (extra `fast`) is not installed")


def typed(raw: bytes, market: str = "stocks", names: dict[str, str] | None = None) -> Any:
    """What the typed decoder makes of it: facts and controls, or that it cannot be read."""
    with uncompiled():
        decode = polygon("canary-key", market=market).decoder(names or {})
    try:
        return decode(raw, NOW, 7)
    except DecodeError as error:
        return error.reason


def told(facts: Any) -> str:
    return repr(facts)


def checked(raw: bytes, market: str = "stocks", names: dict[str, str] | None = None) -> bool:
    """Whether machine code took it; then its facts are those of the typed decoder."""
    scan = scanner(Context(market, "polygon", names or {}))
    assert scan is not None
    facts = scan(raw, NOW, 7)
    if facts:
        assert told((facts, ())) == told(typed(raw, market, names))
    return bool(facts)


numbers = (
    st.decimals(0, 10**6, places=4).map(lambda d: f"{d:f}")
    | st.integers(0, 2**60).map(str)
    | st.floats(0, 1e9).map(repr)
    | st.sampled_from(["0", "0.0", "-0.0", "1e5", "null", '"12.5"', "true", "00"])
)
whole = st.integers(0, 1100).map(str) | st.sampled_from(['"44"', "null", "4.5", "-1"])
texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=26).map(json.dumps)
symbols = st.sampled_from(['"AAPL"', '"BRK.B"', '"O:SPY251219C00650000"']) | texts
ids = st.integers(0, 10**17).map(str) | st.integers(0, 10**6).map(lambda k: f'"{k:03}"') | texts
stamps = st.integers(1_781_600_000_000, 1_781_700_000_000).map(str) | st.sampled_from(
    [
        "0",
        "1",
        "1781622376036000000",
        "99999999999",
        "9223199236854",
        "9223199236855",
        "9223372036855",
        "null",
    ]
)
codes = st.lists(st.sampled_from(["1", "12", "14", "37", "41", "016", "-3"]), max_size=3).map(
    lambda parts: f"[{','.join(parts)}]"
)
TRADE = {
    "sym": symbols, "i": ids, "x": whole, "p": numbers, "s": numbers, "c": codes, "t": stamps,
    "pt": stamps, "q": whole, "z": whole, "trfi": whole, "trft": stamps, "ds": numbers,
}  # fmt: skip
USUAL_TRADE = {
    "sym": '"AAPL"', "i": '"52983525029461"', "x": "4", "p": "297.845", "s": "40",
    "t": "1781622376036", "pt": "1781622376000", "q": "4938312", "z": "3", "trfi": "202",
    "trft": "1781622376036", "ds": '"40.25"', "c": "[14,37]",
}  # fmt: skip
QUOTE = {
    "sym": symbols, "i": codes, "bx": whole, "ax": whole, "bp": numbers, "ap": numbers, "bs": numbers,
    "as": numbers, "t": stamps, "pt": stamps, "q": whole, "z": whole, "c": codes | whole,
}  # fmt: skip
USUAL_QUOTE = {
    "sym": '"MSFT"', "i": "[604]", "bx": "15", "ax": "12", "bp": "297.83", "ap": "297.86", "bs": "80",
    "as": "100", "t": "1781622376037", "pt": "1781622376036", "q": "44424715", "z": "3",
}  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> str:
    """A trade or a quote in which a few things are not as usual."""
    kind = draw(st.sampled_from(["T", "Q"]))
    odd: dict[str, st.SearchStrategy[str]] = TRADE if kind == "T" else QUOTE
    fields = dict(USUAL_TRADE if kind == "T" else USUAL_QUOTE)
    for key in draw(st.lists(st.sampled_from(sorted(odd)), max_size=2)):
        if draw(st.booleans()):
            fields[key] = draw(odd[key])
        else:
            fields.pop(key, None)
    pairs = list(fields.items())
    if draw(st.booleans()):
        pairs = draw(st.permutations(pairs))
    if draw(st.integers(0, 9)) == 0:
        pairs.append(draw(st.sampled_from([*pairs, ("new", "1")])))
    return "{" + ",".join([f'"ev":"{kind}"', *(f'"{key}":{value}' for key, value in pairs)]) + "}"


@compiled
@settings(max_examples=200)
@given(st.lists(messages(), min_size=1, max_size=3), st.sampled_from(["stocks", "options"]))
def test_machine_code_and_the_typed_decoder_make_the_same_facts(
    parts: list[str], market: str
) -> None:
    checked(f"[{','.join(parts)}]".encode(), market, {"MSFT": "Microsoft"})


@compiled
@settings(max_examples=150)
@given(data=st.data())
def test_damaged_frames_are_read_alike_or_given_up(data: st.DataObject) -> None:
    raw = bytearray(usual())
    for _ in range(data.draw(st.integers(1, 2))):
        at, byte = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 255))
        raw[at : at + data.draw(st.integers(0, 1))] = bytes([byte])

    checked(bytes(raw + data.draw(st.sampled_from([b"", b"\0", b"]", b"\0]", b" "]))))


@compiled
@pytest.mark.parametrize("key", [b"c", b"p", b"sym"])
def test_zeros_at_the_end_of_a_key_are_no_part_of_it(key: bytes) -> None:
    checked(usual().replace(b'"%b"' % key, b'"%b\0"' % key))


def usual() -> bytes:
    shapes = (("T", USUAL_TRADE), ("Q", USUAL_QUOTE))
    parts = [
        "{" + ",".join([f'"ev":"{ev}"', *(f'"{k}":{v}' for k, v in fields.items())]) + "}"
        for ev, fields in shapes
    ]
    return f"[{','.join(parts)}]".encode()


@compiled
def test_usual_messages_are_taken_by_machine_code() -> None:
    assert checked(usual())
    assert checked(usual(), names={"AAPL": "Apple"})


@compiled
def test_a_trade_outside_regular_hours_is_judged_by_its_time() -> None:
    assert checked(usual().replace(b"[14,37]", b"[12]"))
    assert checked(usual().replace(b"[14,37]", b"[12]").replace(b"1781622376036", b"1781600000000"))


@compiled
def test_a_side_without_a_quote_is_missing() -> None:
    raw = usual().replace(b'"bp":297.83', b'"bp":0').replace(b'"bs":80', b'"bs":0')

    assert checked(raw)
    assert b'"bp":0,' in raw


@compiled
def test_long_frames_and_many_symbols_make_room_for_themselves() -> None:
    scan = scanner(Context("stocks", "polygon", {}))
    assert scan is not None
    message = usual().split(b',{"ev":"Q"')[0][1:]
    frames = [
        b"[" + b",".join(message.replace(b"AAPL", b"S%d" % (at + k)) for k in range(300)) + b"]"
        for at in range(0, 3000, 300)
    ]

    for _ in range(3):
        taken = [bool(scan(frame, NOW, 7)) for frame in frames]

    assert taken == [True] * 10
    assert told((scan(frames[4], NOW, 7), ())) == told(typed(frames[4]))


@compiled
def test_venues_without_end_are_named_alike_and_not_all_remembered() -> None:
    scan = scanner(Context("stocks", "polygon", {}))
    assert scan is not None
    trade = usual().split(b',{"ev":"Q"')[0][1:]
    message = trade.replace(b'"x":4', b'"x":%d').replace(b'"trfi":202', b'"trfi":%d')

    for reporter in range(1, 19):
        frame = b"[" + b",".join(message % (venue, reporter) for venue in range(1024)) + b"]"
        facts = scan(frame, NOW, 7)
        assert len({fact.venue for fact in facts}) == 1024

    assert told((facts, ())) == told(typed(frame))


@compiled
def test_a_frame_beyond_all_measure_is_given_up() -> None:
    one = usual()[1:-1]

    assert not checked(b"[" + b",".join([one] * ((1 << 24) // len(one) + 1)) + b"]")


def test_uncompiled_there_is_no_scanner() -> None:
    with uncompiled():
        assert scanner(Context("stocks", "polygon", {})) is None


@compiled
@pytest.mark.parametrize("name", ["ws_frames_real.jsonl", "ws_examples_official.jsonl"])
def test_recorded_frames_are_read_alike(name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no recorded frames at {path}")
    taken = 0
    for line in path.read_text("utf-8").splitlines():
        found = json.loads(line)
        frame = found.get("frame", found.get("example", found))
        raw = frame if isinstance(frame, str) else json.dumps(frame, separators=(",", ":"))
        taken += checked(raw.encode() if raw.startswith("[") else f"[{raw}]".encode())
    assert taken


def test_both_readers_take_the_same_stamps_for_milliseconds() -> None:
    bounds = polygon_context.MILLIS_FROM, polygon_context.MILLIS_TO

    assert bounds == (scanning.MILLIS_FROM, scanning.MILLIS_TO)


@compiled
def test_an_off_exchange_trade_told_late_is_left_to_the_typed_decoder() -> None:
    late = usual().replace(b'"pt":1781622376000', b'"pt":1781622366035', 1)

    assert checked(usual().replace(b'"pt":1781622376000', b'"pt":1781622366036', 1))
    assert not checked(late)


@compiled
@pytest.mark.parametrize(
    "made", [b"1781622366", b"1781622366035000", b"0", b"99999999999", b"null", b'"x"']
)
def test_a_time_of_a_trade_in_another_unit_is_read_alike(made: bytes) -> None:
    checked(usual().replace(b'"pt":1781622376000', b'"pt":' + made, 1))
