from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.cli import main
from ordinis_rx.commands import quote as command
from ordinis_rx.pull.failures import NoAnswer
from ordinis_rx.pull.rest.polygon import PolygonRest

DEMO = ["quote", "--symbols", "AAPL,MSFT", "--demo"]


def test_the_demo_finds_the_provider_that_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DEMO, "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["symbol"] for line in lines] == ["AAPL", "MSFT"]
    for line in lines:
        told = line["quote"]
        assert told["outliers_excluded"] == ["alpaca"]
        assert told["providers_used"] == ["finnhub", "polygon"]
        assert told["price"] == pytest.approx(line["true_price"], rel=5e-4)
        assert {answer["provider"] for answer in line["answers"]} == {
            "polygon",
            "finnhub",
            "alpaca",
        }
        assert all(answer["error"] is None for answer in line["answers"])


def test_the_demo_as_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DEMO, "--seed", "3"]) == 0

    said = capsys.readouterr().out
    for word in ("consensus", "answers", "true price", "AAPL", "MSFT", "outlier"):
        assert word in said


def test_the_demo_with_chosen_providers_has_nobody_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DEMO, "--provider", "polygon,alpaca", "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["quote"]["outliers_excluded"] for line in lines] == [[], []]
    assert [line["quote"]["providers_used"] for line in lines] == [["alpaca", "polygon"]] * 2


def test_it_needs_no_key_no_network_and_warns_of_nothing(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "ordinis_rx", *DEMO],
        cwd=root,
        env={"PATH": "", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["quote", "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert said.startswith("usage: ordinis-rx quote")
    assert "polygon, finnhub, alpaca" in said
    assert "None" not in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--demo"], "required: --symbols"),
        (["--symbols", "A"], "either --provider or --demo is needed; there are polygon, finnhub"),
        (["--symbols", "A", "--provider", "x"], "no provider 'x'; there are polygon, finnhub"),
        (["--symbols", "A", "--provider", "x", "--demo"], "no provider 'x'"),
        (["--symbols", "A", "--provider", "polygon"], "POLYGON_API_KEY is not set"),
        (["--symbols", "A", "--provider", "polygon,finnhub"], "POLYGON_API_KEY is not set"),
        (["--symbols", "A", "--provider", "finnhub"], "FINNHUB_TOKEN is not set"),
        (["--symbols", "A", "--provider", "alpaca"], "APCA_API_KEY_ID is not set"),
        (["--symbols", "A", "--timeout", "0"], "--timeout: must be a number above 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_ends_with_2_and_says_what_is_missing(
    words: list[str],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("POLYGON_API_KEY", "FINNHUB_TOKEN", "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(SystemExit) as ended:
        main(["quote", *words])

    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert complaint in err


def test_a_key_that_no_header_can_hold_is_bad_usage_and_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINNHUB_TOKEN", "canary\u20ac")

    with pytest.raises(SystemExit) as ended:
        main(["quote", "--symbols", "A", "--provider", "finnhub"])

    assert ended.value.code == 2
    assert "canary" not in capsys.readouterr().err


def test_without_httpx_it_is_said_once_which_extra_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    assert main(["quote", "--demo", "--symbols", "AAPL"]) == 1
    assert (
        capsys.readouterr().err == "ordinis-rx: quote needs httpx: pip install 'ordinis-rx[rest]'\n"
    )


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_without_a_price_the_reasons_are_told_and_the_code_is_1(
    more: list[str],
    keys: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def down(self: Any, symbol: str) -> Any:
        raise NoAnswer(self.name, "HTTP 500")

    monkeypatch.setattr(PolygonRest, "get_quote", down)

    assert main(["quote", "--symbols", "AAPL", "--provider", "polygon", *more]) == 1

    out, err = capsys.readouterr()
    assert "No successful quotes for AAPL" in out
    assert "polygon did not answer: HTTP 500" in out
    assert err == ""


def test_the_simulated_keys_open_every_simulated_service() -> None:
    for name, source in command._SOURCES.items():
        assert source(command._SIMULATED_KEYS, "http://127.0.0.1:1").name == name
