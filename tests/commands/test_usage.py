"""What may be asked for: the values that commands get when nothing, or everything, is said."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.commands.usage import parser


def asked(*words: str) -> dict[str, Any]:
    options = vars(parser().parse_args(words))
    del options["command"], options["parser"]
    return options


def test_what_is_not_said_has_a_default() -> None:
    assert asked("demo") == {"seconds": 10.0, "seed": 0, "json": False, "report": None}
    assert asked("watch", "--provider", "finnhub", "--symbols", "A")["channels"] is None
    assert asked("watch", "--provider", "finnhub", "--symbols", "A")["metrics_port"] is None
    assert asked("simulate", "--protocol", "alpaca", "--symbols", "A")["port"] == 0


def test_several_faults_and_symbols_may_be_given() -> None:
    words = ("--fault", "drop=0.1", "--fault", "garbage=0.2", "--symbols", "A,B")
    options = asked("simulate", "--protocol", "polygon", *words)

    assert options["fault"] == ["drop=0.1", "garbage=0.2"]
    assert list(options["symbols"]) == ["A", "B"]


@pytest.mark.parametrize("command", ["demo", "simulate", "watch", "quote"])
def test_each_command_complains_in_its_own_name(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--seed", "x"])

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"ordinis-rx {command}: ")


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (["watch", "--provider", "finnhub", "--symbols", "A", "odd"], "ordinis-rx watch"),
        (["odd.csv", "demo"], "ordinis-rx"),
        (["--odd", "demo"], "ordinis-rx"),
    ],
)
def test_what_is_not_known_is_told_by_the_command_that_got_it(
    words: list[str], who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"{who}: ")
    assert said.endswith(f"\n{who} --help tells what is allowed\n")


def test_options_are_not_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["demo", "--sec", "5"])

    assert "unrecognized arguments: --sec" in capsys.readouterr().err
