"""The directive ``{marble} name``, and the drawing of each operator in its entry of the reference."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from drawing import DRAWINGS, read, svg
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["Marble", "setup", "with_drawing"]


class Marble(SphinxDirective):
    """The drawing of that name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw it; as text where the output is no page for a browser."""
        path = DRAWINGS / f"{self.arguments[0]}.txt"
        self.env.note_dependency(str(path))
        text = path.read_text("utf-8")
        return [nodes.raw("", svg(read(text), path.stem), format="html")]


def with_drawing(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Put the drawing of an operator before the example in its docstring."""
    word = name.rpartition(".")[2]
    if what != "function" or not (DRAWINGS / f"{word}.txt").exists():
        return
    place = next((k for k, line in enumerate(lines) if line.startswith(">>>")), len(lines))
    lines[place:place] = ["", f".. marble:: {word}", ""]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("marble", Marble)
    app.connect("autodoc-process-docstring", with_drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
