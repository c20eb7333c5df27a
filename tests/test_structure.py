"""How the house is built: every module says what it is for, has its tests, and imports nothing it need not."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ordinis_rx"
TESTS = ROOT / "tests"

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    ".pre-commit-config.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "conftest.py",
    "constraints.txt",
    "docs",
    "notebooks",
    "ordinis_rx",
    "pyproject.toml",
    "scripts",
    "tests",
}
"""What a checkout begins with: no recordings that somebody has tried something with."""

MODULES = sorted(PACKAGE.rglob("*.py"))
TEST_FILES = sorted(TESTS.rglob("*.py"))

UNMIRRORED = {
    "__init__.py": "the face: tested below",
    "__main__.py": "one call of cli.main, run by the tests of the command line",
    "typing.py": "names for types; nothing runs",
}

HEAVY = (
    "alpaca",
    "anywidget",
    "exchange_calendars",
    "httpx",
    "massive",
    "matplotlib",
    "numba",
    "pandas",
    "prometheus_client",
    "pyarrow",
    "talib",
    "websockets",
)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def of_package(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in paths]


def run(code: str) -> str:
    """What *code* prints in an interpreter of its own, where every warning is an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("path", of_package(MODULES))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "path", of_package([path for path in MODULES if path.name != "__main__.py"])
)
def test_every_module_lists_what_it_offers_and_has_it(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    shows_nothing = len(tree.body) <= 1
    if path.name == "__init__.py" and shows_nothing and path.parent != PACKAGE:
        return

    module = importlib.import_module(dotted(path))

    listed: list[str] = module.__all__
    assert len(listed) == len(set(listed))
    assert [name for name in listed if not hasattr(module, name)] == []


@pytest.mark.parametrize(
    "path",
    of_package(
        [
            path
            for path in MODULES
            if path.name != "__init__.py" and str(path.relative_to(PACKAGE)) not in UNMIRRORED
        ]
    ),
)
def test_every_module_has_a_test_file_in_the_same_place(path: Path) -> None:
    folder = TESTS / path.relative_to(PACKAGE).parent
    tested_as = [path.stem.lstrip("_")]
    family = path.stem.partition("_")[0]
    if (path.parent / f"{family}.py").exists():
        tested_as.append(family)  # parts of one thing may be tested through it

    mirrors = [
        found
        for name in tested_as
        for found in (*folder.glob(f"test_{name}.py"), *folder.glob(f"test_{name}_*.py"))
    ]
    if folder.parent != TESTS and folder != TESTS:  # so may a folder inside a folder
        mirrors += folder.parent.glob(f"test_{folder.name}*.py")

    assert mirrors, f"no tests of {path.relative_to(ROOT)} in {folder.relative_to(ROOT)}"


def test_importing_the_library_loads_nothing_heavy() -> None:
    loaded = run(f"import sys, ordinis_rx; print([m for m in {HEAVY} if m in sys.modules])")

    assert loaded == "[]"


def test_importing_every_module_loads_nothing_heavy() -> None:
    names = [dotted(path) for path in MODULES if path.name != "__main__.py"]

    loaded = run(
        f"import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )

    assert loaded == "[]"


def test_nothing_lies_beside_the_project() -> None:
    told = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        pytest.skip("this is no checkout of git")

    tracked = {path.split("/")[0] for path in told.stdout.splitlines()}

    assert tracked <= TOP_LEVEL


def test_the_face_is_the_list_that_was_agreed() -> None:
    face = importlib.import_module("ordinis_rx")

    agreed = (TESTS / "face.txt").read_text("utf-8").split()

    assert sorted(face.__all__) == sorted(agreed)


def test_a_function_named_like_its_module_stays_the_function() -> None:
    shared = sorted(
        {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in MODULES}
    )

    hidden = run(
        f"import importlib, types, ordinis_rx\n"
        f"wanted = [n for n in {shared} if n in ordinis_rx.__all__ and n != 'sim']\n"
        f"for name in wanted: importlib.import_module('ordinis_rx.' + name)\n"
        f"print([n for n in wanted if isinstance(getattr(ordinis_rx, n), types.ModuleType)])"
    )

    assert hidden == "[]"


def imports(tree: ast.AST) -> dict[str, str]:
    """What each imported local name stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name that *node* means, or "" where it is no plain name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


WALL_CLOCK = {
    "asyncio.sleep",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.sleep",
    "time.time",
    "time.time_ns",
}


def waits_or_asks_the_time(source: str) -> list[str]:
    tree = ast.parse(source)
    names = imports(tree)
    return [
        f"line {node.lineno}: {called}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (called := full_name(node.func, names)) in WALL_CLOCK
        # sleep(0) waits for nothing: it lets the loop turn once.
        and not (called == "asyncio.sleep" and ast.unparse(node.args[0]) == "0")
    ]


IN_REAL_TIME = {
    "endurance/listener.py": "measures itself while real time passes; no test, but what one starts",
    "endurance/station.py": "sends so many trades a second; no test, but what one starts",
    "reliability.py": "dates the page that it writes; no test, but what runs them",
}


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_sleeps_or_reads_the_wall_clock(path: Path) -> None:
    found = waits_or_asks_the_time(path.read_text("utf-8"))
    assert bool(found) == (str(path.relative_to(TESTS)) in IN_REAL_TIME), found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.sleep(1)", ["line 2: time.sleep"]),
        ("import time as t\nt.time_ns()", ["line 2: time.time_ns"]),
        ("from time import sleep as nap\nnap(1)", ["line 2: time.sleep"]),
        ("from datetime import datetime\ndatetime.now()", ["line 2: datetime.datetime.now"]),
        ("import datetime\ndatetime.datetime.now()", ["line 2: datetime.datetime.now"]),
        ("import asyncio\nasyncio.sleep(0.1)", ["line 2: asyncio.sleep"]),
        ("import asyncio\nasyncio.sleep(0)", []),
        ("scheduler.sleep(1)\nclock.now()", []),
    ],
)
def test_sleeping_is_seen_under_any_name(source: str, found: list[str]) -> None:
    assert waits_or_asks_the_time(source) == found


PROVIDERS = sorted((PACKAGE / "providers").glob("*.py"))


def vendors() -> set[str]:
    """The modules that offer a provider: each defines a function of its own name."""
    return {path.stem for path in PROVIDERS if f"\ndef {path.stem}(" in path.read_text("utf-8")}


@pytest.mark.parametrize(
    "path", of_package([path for path in PROVIDERS if path.stem != "__init__"])
)
def test_no_provider_knows_another(path: Path) -> None:
    family = path.stem.partition("_")[0]
    known = {
        name.split(".")[2].partition("_")[0]
        for name in imports(ast.parse(path.read_text("utf-8"))).values()
        if name.startswith("ordinis_rx.providers.")
    }

    assert known & vendors() <= {family}
