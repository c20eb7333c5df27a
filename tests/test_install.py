"""Where the project cannot be set up, `scripts/install` says what to install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for PATH that holds what the script itself needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "cat", "dirname", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def install(root: Path, path: Path, venv: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(root / "scripts" / "install"), str(venv)],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_without_any_python_it_says_which_to_install(
    root: Path, bare: Path, tmp_path: Path
) -> None:
    said = install(root, bare, tmp_path / "venv")

    assert "no Python >= 3.11" in said
    assert "Python 3.11, 3.12 or 3.13" in said
    assert "uv" in said


def test_a_python_that_is_too_old_is_passed_over(root: Path, bare: Path, tmp_path: Path) -> None:
    program(bare, "python3", "exit 1")  # what the question for 3.11 makes of an older one

    assert "no Python >= 3.11" in install(root, bare, tmp_path / "venv")


def test_a_python_without_venv_leaves_no_half_made_folder(
    root: Path, bare: Path, tmp_path: Path
) -> None:
    venv = tmp_path / "venv"
    program(bare, "python3", f'case "$1" in -c) exit 0;; esac\nmkdir -p {venv}; exit 1')
    (bare / "mkdir").symlink_to(shutil.which("mkdir") or "mkdir")

    said = install(root, bare, venv)

    assert "'python3 -m venv' failed" in said
    assert "python3-venv" in said
    assert not venv.exists()


def test_the_interpreter_can_be_named(root: Path, bare: Path, tmp_path: Path) -> None:
    said = install(root, bare, tmp_path / "venv", PYTHON="python-of-mine")

    assert "among python-of-mine" in said


def test_uv_that_finds_no_python_is_told(root: Path, bare: Path, tmp_path: Path) -> None:
    program(bare, "uv", "exit 2")

    assert "uv found no Python >= 3.11" in install(root, bare, tmp_path / "venv")


@pytest.mark.parametrize("tool", ["uv", "python3"])
def test_a_folder_that_is_no_environment_is_left_alone(
    root: Path, bare: Path, tmp_path: Path, tool: str
) -> None:
    program(bare, tool, "exit 0")
    other = tmp_path / "diary"
    other.mkdir()
    (other / "monday.txt").write_text("rain")

    said = install(root, bare, other)

    assert "is no virtual environment" in said
    assert (other / "monday.txt").read_text() == "rain"
