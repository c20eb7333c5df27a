"""What the repository shows to others: no package hosts, nobody's folders, nothing that only its makers can open."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Put together here, so that this file does not name what it forbids.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("anaconda", "org"),
        ("deb", "debian", "org"),
        ("crates", "io"),
    )
]
FOLDERS = ["/" + name + "/" for name in ("root", "work", "tmp/venv", "Users")]

SPOKEN = re.compile(r"(?:DESIGN|STYLE|PROTOCOLS|ORIGINAL)\.md|\bissue \d|\b[SF][012]\d\b|shared/")


def tracked() -> list[Path]:
    """The files of the repository; in an unpacked archive, the files that lie there."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [
            str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in path.parts
        ]
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def words_of(path: Path) -> str:
    """What is written in a file: nothing in a picture, nor in the pictures of a notebook."""
    if path.suffix == ".png":
        return ""
    return re.sub(r'"image/png": "[^"]*"', "", text(path))


@pytest.mark.parametrize("words", [HOSTS, FOLDERS], ids=["package hosts", "folders of ours"])
def test_no_file_names(words: list[str]) -> None:
    named = [
        (str(path.relative_to(ROOT)), word)
        for path in tracked()
        for word in words
        if word in text(path)
    ]

    assert named == []


def test_no_lock_file_is_kept() -> None:
    assert [path.name for path in tracked() if path.name in {"uv.lock", "poetry.lock"}] == []


def test_the_public_pages_speak_to_users_only() -> None:
    public = [
        path
        for path in tracked()
        if path.relative_to(ROOT).parts[0] in {"ordinis_rx", "notebooks", "docs"}
        or (path.parent == ROOT and path.suffix == ".md")
    ]

    spoken = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in public
        for found in SPOKEN.finditer(words_of(path))
    ]

    assert spoken == []


def test_every_version_is_pinned_by_name_and_number_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+(; .+)?", pin)] == []
    assert len(pins) == len({pin.partition("==")[0].lower().replace("_", "-") for pin in pins})
