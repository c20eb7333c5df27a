"""How Sphinx builds the documentation: ``make docs``, offline, every warning an error."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

project = "ordinis-rx"
author = "the ordinis-rx developers"
release = "0.1.0"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "faces",
    "formulas",
    "marbles",
]
exclude_patterns = ["_ext", "_static"]

html_theme = "furo"
html_title = "ordinis-rx"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False

# The pages use what the README uses, and no more: they read well as plain Markdown too.
myst_enable_extensions = ["colon_fence", "dollarmath", "smartquotes"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a page that is included begins at its own level

# A browser draws formulas by itself: MathML needs no script from elsewhere.
html_math_renderer = "mathml"

nitpicky = True
nitpick_ignore_regex = [
    ("py:obj", r"(?!ordinis_rx\.).*"),  # `name` in a docstring is a name in code, of whatever
    ("py:class", r"(?!ordinis_rx\.).*"),  # types of other libraries have no page here
    ("py:.*", r"ordinis_rx\..*(\.[AB]|\._\w+)"),  # nor have type variables
    ("py:.*", r"ordinis_rx\.(columns|kernels|outputs|turns)\b.*"),  # nor what is inside
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
default_role = "py:obj"
add_module_names = False
python_maximum_signature_line_length = 88
