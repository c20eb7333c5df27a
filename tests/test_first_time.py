"""`scripts/first-time` says how long the first steps take, and fails where they take too long or show nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

README = """
```sh
make demo
```

```python
for price in (90.31, 90.3):
    print("12:00", "AAPL", price)
```

```python
raise SystemExit("the second block is none of its business")
```
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project with the script, a README, a demo that takes no time, and an environment."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "first-time", tmp_path / "scripts" / "first-time")
    (tmp_path / "README.md").write_text(README, "utf-8")
    (tmp_path / "Makefile").write_text("demo:\n\t@echo $(ARGS) $(VENV) >asked\n", "utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


def first_time(checkout: Path, *options: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(checkout / "scripts" / "first-time"), *options],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_times_the_demo_and_the_readme(checkout: Path) -> None:
    code, said = first_time(checkout)

    assert code == 0, said
    assert (checkout / "asked").read_text("utf-8") == "--seconds 5 .venv\n"
    demo, readme, prices = said.splitlines()
    assert demo.startswith("first-time: make demo took ")
    assert demo.endswith(" s, of at most 60")
    assert readme.startswith("first-time: README took ")
    assert prices == "first-time: README shows 2 prices by 2 lines"


def test_what_takes_too_long_fails(checkout: Path) -> None:
    code, said = first_time(checkout, DEMO_SECONDS="-1")

    assert code == 1
    assert said.endswith("first-time: make demo took too long\n")


def test_a_demo_that_fails_is_shown(checkout: Path) -> None:
    (checkout / "Makefile").write_text("demo:\n\t@echo no such market; exit 3\n", "utf-8")

    code, said = first_time(checkout)

    assert code == 1
    assert "no such market" in said
    assert said.endswith("first-time: make demo failed\n")


@pytest.mark.parametrize(
    ("python", "complaint"),
    [
        ("print('hello')", "README shows no price"),
        ("raise OSError('no market')", "README failed"),
        ("x = 1\n" * 7, "README begins with 7 lines of Python, not 1 to 6"),
        ("", "README begins with 0 lines of Python, not 1 to 6"),
    ],
)
def test_a_readme_that_shows_no_price_in_a_few_lines_fails(
    checkout: Path, python: str, complaint: str
) -> None:
    (checkout / "README.md").write_text(f"```python\n{python}\n```\n", "utf-8")

    code, said = first_time(checkout)

    assert code == 1
    assert said.endswith(f"first-time: {complaint}\n")


def test_an_unknown_option_is_named(checkout: Path) -> None:
    code, said = first_time(checkout, "--faster")

    assert (code, said) == (
        2,
        "first-time: no option --faster (there are --clone and --notebooks)\n",
    )


def test_the_readme_of_the_project_begins_with_a_few_lines_that_need_no_key() -> None:
    before, _, rest = (ROOT / "README.md").read_text("utf-8").partition("```python\n")
    first = rest.partition("```")[0]

    assert "```python" not in before
    assert 1 <= len([line for line in first.splitlines() if line.strip()]) <= 6
    assert "environ" not in first
