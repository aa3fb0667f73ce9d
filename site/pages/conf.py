"""How Sphinx builds the documentation: nothing is fetched, and everything is checked."""

from __future__ import annotations

import sys
from pathlib import Path

from autograd import __version__

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the extensions

project = "chainrule"
version = release = __version__
author = "chainrule developers"
copyright = "chainrule developers, MIT licence"
language = "en"

extensions = [
    "myst_nb",  # pages in Markdown, and notebooks as they were saved
    "sphinx.ext.autodoc",  # the reference, from docstrings
    "sphinx.ext.napoleon",  # docstrings in Google's style
    "formulas",  # which KaTeX typesets when the site is built
    "extension",  # live graphs, examples that run, the table of rules
]

default_role = "py:obj"
suppress_warnings = ["mystnb.unknown_mime_type"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks are committed with their outputs
nb_render_markdown_format = "myst"

html_math_renderer = "formulas"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries = False

pygments_style = pygments_dark_style = "extension.Plain"  # site.css has the colours

html_theme = "furo"
html_title = "chainrule"
html_static_path = ["static"]  # and KaTeX's, which the build adds
templates_path = ["templates"]
html_favicon = "static/favicon.svg"
html_css_files = ["katex/katex.min.css", "site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/doors.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
_FONTS = {
    "font-stack": 'system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
    "font-stack--monospace": 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
}
html_theme_options = {
    "light_css_variables": _FONTS
    | {
        "color-brand-primary": "#1f2937",
        "color-brand-content": "#2058d6",
        "color-brand-visited": "#2058d6",
    },
    "dark_css_variables": _FONTS
    | {
        "color-brand-primary": "#e5e7eb",
        "color-brand-content": "#7db0ff",
        "color-brand-visited": "#7db0ff",
        "color-background-primary": "#12161d",
        "color-background-secondary": "#171c24",
        "color-foreground-primary": "#e5e7eb",
    },
}
