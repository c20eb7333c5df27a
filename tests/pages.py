"""The Python on a page of Markdown, run as it stands."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

__all__ = ["blocks", "executed", "executed_with"]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", text, re.M | re.S)


def executed(page: Path) -> dict[str, object]:
    """The names that the Python of *page* leaves behind, but for the blocks of engines."""
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page.read_text("utf-8"), "python"):
        exec(compile(block, page.name, "exec"), names)
    return names


def executed_with(engine: str, page: Path, folder: Path) -> dict[str, object]:
    """The names that a script leaves behind of what *page* begins with and its blocks marked ``python engine=NAME``.

    It is written to *folder* and loaded as a module, since some engines read the source of what they are handed.
    """
    text = page.read_text("utf-8")
    begins_with = text.partition("\n## ")[0]
    story = [*blocks(begins_with, "python"), *blocks(text, f"python engine={engine}")]
    script = folder / f"{page.stem}_{engine}.py"
    script.write_text("\n\n".join(story), "utf-8")
    spec = spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[script.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)
