"""Reference pages: the names of a public face, each documented from its docstring.

A page says ``{face} ordinis_rx.operators`` and lists names. What a name is (a function, a class, an error, a constant) is
looked up, so that a page can neither list what is not there nor document it as something else. Signatures are shown as they
are written in the source, and a word in single backticks is a link wherever there is something to link to.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import enum
import functools
import importlib
import inspect
import operator
import re
import sys
from types import ModuleType
from typing import Any, get_origin

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import stringify_signature

__all__ = ["Face", "entry", "setup"]

_CODE = re.compile(
    r"(?P<face>ox\.|oo\.|ordinis_rx\.[\w.]+\.)?(?P<name>\w+)(?P<call>\((?:[^()]|\([^()]*\))*\))?"
)


def entry(module: ModuleType, name: str) -> list[str]:
    """The lines of reStructuredText that document *name* of *module*."""
    value = getattr(module, name)
    full = f"{module.__name__}.{name}"
    if isinstance(value, type) and issubclass(value, BaseException):
        return [f".. autoexception:: {full}", "   :members:", ""]
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return [f".. autoclass:: {full}", "   :members:", "   :undoc-members:", ""]
    if isinstance(value, type):
        return [f".. autoclass:: {full}", "   :members:", ""]
    if inspect.isfunction(value) or hasattr(value, "__wrapped__"):
        return [f".. autofunction:: {full}", ""]
    return [f".. autodata:: {full}", "   :no-value:" if _is_long(value) else "", ""]


def _is_long(value: object) -> bool:
    return len(repr(value)) > 60


class Face(SphinxDirective):
    """The names in the body, of the module that is the argument."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Document each; an error where the module lacks one."""
        module = importlib.import_module(self.arguments[0])
        names = " ".join(self.content).split()
        missing = [name for name in names if not hasattr(module, name)]
        if missing:
            raise self.error(f"{module.__name__} has no {', '.join(missing)}")
        lines = [line for name in names for line in entry(module, name)]
        text = ["```{eval-rst}", *lines, "```"]
        holder = nodes.Element()
        self.state.nested_parse(text, self.content_offset, holder)
        return list(holder.children)


class _Shown:
    """A default as it would be written in source."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def default(value: object) -> object:
    """What is shown of a default: nanoseconds that can be read, members and functions by name."""
    if isinstance(value, enum.Flag):
        names = [f"{type(value).__name__}.{member.name}" for member in value]
        return _Shown(" | ".join(names) or "0")
    if isinstance(value, enum.Enum):
        return _Shown(f"{type(value).__name__}.{value.name}")
    if type(value) is int and abs(value) >= 10_000:
        return _Shown(f"{value:_}")
    if "<" in repr(value):
        return _Shown(getattr(value, "__name__", _short(value)))
    return value


def _short(value: object) -> str:
    """A value of a class of ours by how it is made, where that takes no arguments."""
    made: Any = type(value)
    with contextlib.suppress(TypeError):
        if dataclasses.is_dataclass(value) and made() == value:
            return f"{made.__name__}()"
    return "..."


def as_written(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """The signature of *obj* with the annotations of its source, not with what they stand for."""
    if what not in ("function", "method", "class"):
        return None
    if isinstance(obj, type) and issubclass(obj, enum.Enum):
        return "", ""
    called = getattr(obj, "_is_protocol", False) and "__call__" in vars(obj)  # it is a function
    try:
        known = inspect.signature(obj.__call__ if called else obj)
    except (TypeError, ValueError):
        return None
    parameters = [
        each if each.default is each.empty else each.replace(default=default(each.default))
        for each in known.parameters.values()
        if not ((what == "method" or called) and each.name == "self")
    ]
    known = known.replace(parameters=parameters)
    shown, _, returned = stringify_signature(known, unqualified_typehints=True).rpartition(" -> ")
    if not shown:
        return returned, ""
    return shown, "" if what == "class" and not called else returned


def plurals(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """`Quote`s, as docstrings write it, is to reStructuredText a quotation that does not end."""
    lines[:] = [re.sub(r"(?<!`)(`[\w.]+`)s\b", r"\1\\ s", line) for line in lines]


def of_its_type(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """A constant is described where it is set, or not at all: not by what Python says of its type, or of a tuple's field."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    theirs = [inspect.getdoc(kind) for kind in (type(obj), get_origin(obj))]
    if what != "data" or "\n".join(lines).strip() not in theirs:
        return
    word = name.rpartition(".")[2]
    lines.clear()
    for home, module in sorted(sys.modules.items()):
        if home.startswith("ordinis_rx.") and vars(module).get(word) is obj:
            told = ModuleAnalyzer.for_module(home).find_attr_docs().get(("", word))
            if told:
                lines[:] = told
                return


def worked_out(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out the columns of frames: they are made by a loop and described with the facts."""
    if isinstance(obj, property) and isinstance(obj.fget, functools.partial):
        return True
    return None


def plain_words(app: Sphinx, doctree: nodes.document) -> None:
    """`bytes` in a signature is Python's, whatever of ours has that name; and no name is guessed by its end."""
    for node in list(doctree.findall(addnodes.pending_xref)):
        node.attributes.pop("refspecific", None)
        if node.get("refdomain") == "py" and hasattr(builtins, node["reftarget"]):
            node.replace_self(node.children)


@functools.cache
def _homes(env: BuildEnvironment) -> dict[str, list[str]]:
    """The full names of whatever reference pages document, by the last word; members of classes left out."""
    objects = env.domains.python_domain.objects
    found: dict[str, list[str]] = {}
    for full, it in objects.items():
        owner, _, name = full.rpartition(".")
        # A function may be named like its module: ordinis_rx.consensus is both.
        of_class = owner in objects and objects[owner].objtype in ("class", "exception")
        if not it.aliased and not of_class:
            found.setdefault(name, []).append(full)
    return found


def _home(env: BuildEnvironment, name: str, module: str | None) -> str | None:
    """What *name* means to *module*: of several homes, the one that is nearest."""
    near = (module or "").split(".")

    def nearness(full: str) -> int:
        return sum(map(operator.eq, full.split("."), near))

    return max(_homes(env).get(name, ()), key=nearness, default=None)


def linked(app: Sphinx, env: BuildEnvironment, node: Any, child: Any) -> Any:
    """A link for a name that is written without its module, or with the module that defines it."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target:
        return None
    if "." in target and not target.startswith("ordinis_rx."):
        return None
    full = _home(env, target.removesuffix("()").rpartition(".")[2], node.get("py:module"))
    if full is None:
        return None
    return env.domains.python_domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", full, node, child
    )


class Linking(SphinxPostTransform):
    """Code in running text that names something of ours, ``ox.merge``, ``time_bars()`` or ``Gap``, is a link to it."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Link what is a plain word of code in a page of prose."""
        for node in list(self.document.findall(nodes.literal)):
            match = _CODE.fullmatch(node.astext())
            if match is None or isinstance(node.parent, nodes.reference | nodes.title):
                continue
            name = match["name"]
            of_class = name[0].isupper() and not name.isupper()
            full = _home(self.env, name, "ordinis_rx.operators")
            if full is None or not (match["face"] or match["call"] or of_class):
                continue
            it = self.env.domains.python_domain.objects[full]
            uri = self.app.builder.get_relative_uri(self.env.docname, it.docname)
            link = nodes.reference("", "", refuri=f"{uri}#{it.node_id}", internal=True)
            node.replace_self(link)
            link += node


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("face", Face)
    app.connect("autodoc-process-signature", as_written)
    app.connect("autodoc-process-docstring", of_its_type)
    app.connect("autodoc-process-docstring", plurals)
    app.connect("autodoc-skip-member", worked_out)
    app.connect("doctree-read", plain_words)
    app.connect("missing-reference", linked)
    app.add_post_transform(Linking)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
