"""What formulas are written with: signs, functions, constants, and what to say of the rest.

These are tables, no code, so that a page in a browser reads by the same ones.
"""

from __future__ import annotations

import math
from keyword import kwlist
from typing import Any

from autograd.rule import RULES

__all__ = ["PATTERNS", "grammar"]

OPERATORS = {
    "add": "+",
    "sub": "- − – \u2010 \u2011",
    "mul": "* · × ⋅ ∙ • \u2062 \\cdot \\times \\ast",
    "div": "/ ÷ \u2215 \u2044 \\div",
    "mod": r"% \bmod",
    "pow": "^ **",
    "less": r"< \lt",
    "less_equal": r"<= ≤ ⩽ \le \leq \leqslant",
    "greater": r"> \gt",
    "greater_equal": r">= ≥ ⩾ \ge \geq \geqslant",
    "equal": r"= == != ≠ \ne \neq",
}
"""The spellings of every operation that is written between its operands."""

LEVELS = {
    "sum": ["add", "sub"],
    "product": ["mul", "div", "mod"],
    "comparison": ["less", "less_equal", "greater", "greater_equal"],
}

FUNCTIONS = {
    "ln": "log", "σ": "sigmoid", "logistic": "sigmoid", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "log₂": "log2", "log₁₀": "log10", "power": "pow",
    "Abs": "abs", "Max": "max", "Min": "min", "ReLU": "relu", "GELU": "gelu", "SiLU": "silu",
    "ELU": "elu",
}  # fmt: skip
"""Other names of the table's functions."""

CONSTANTS = {
    "π": math.pi, "pi": math.pi, "e": math.e, "∞": math.inf, "inf": math.inf,
    "infinity": math.inf, "nan": math.nan, "NaN": math.nan,
}  # fmt: skip

COMMANDS = {"pi": "π", "infty": "∞", "sigma": "σ"}
"""What LaTeX's commands stand for that are not the name of a function."""

PATTERNS = {
    "number": r"(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][-+−–]?[0-9]+)?",
    "fraction": "[¼½¾⅐-⅞]",
    "superscript": "[²³¹ʰ-ʸˡ-ˣᴬ-ᵡᶜ-ᶿ⁰-⁾ⁿ]+",
    "subscript": "[₀-₎ₐ-ₜᵢ-ᵪⱼ]",
    "invisible": r"(?:\s|\\(?:left|right|q?quad)(?![A-Za-z])|\\[,;:! ]|[\u2061\u200b])+",
    "wide": r"[\uff01-\uff5e]",
    "slash": r"\s*[/\u2215\u2044]\s*",
    "prime": r"['′\u2019]|\^\{?\\prime\}?|\\prime(?![A-Za-z])",
    "command": r"\\([A-Za-z]+)",
    "upright": r"\\(?:operatorname\*?|mathrm|text|mathit|textrm)\s*\{([^{}]*)\}",
    "fractional": r"\\[dtc]?frac(?![A-Za-z])",
    "root": r"√|\\sqrt(?![A-Za-z])",
    "cube root": r"∛|\\sqrt\s*\[\s*3\s*\]",
    "differential": r"∂\s*|\\partial(?![A-Za-z])\s*|\\mathrm\{d\}\s*|d(?!\s)",
    "above": r"(?:\.\s*)?\\[dtc]?frac\s*\{\s*",
    "below": r"\s*\}\s*\{\s*",
    "held": r"\s*(?:\\right\s*)?\|\s*_?\{?\s*",
    "operand": r"\s*(?:\\,)?(?:\\text\{)?\(\s*([0-9]+)(?:st|nd|rd|th) of [0-9]+\s*\)\}?",
    "quoted": '“([^”]*)”|"([^"]*)"|„([^“”]*)[“”]',
}
"""What is read as one, in the syntax that Python's and JavaScript's expressions have in common."""

MESSAGES = {
    "unread": "only arithmetic, functions, numbers and names are read here",
    "empty": "not an expression: it is empty",
    "end": "not an expression: something is missing here",
    "closing": "not an expression: a closing {sign} is missing here",
    "deep": "this is too deep to read; split it into parts",
    "comma": "write decimals with a point, as in 0.5",
    "percent": "write a percentage as a number, 0.5 for 50 %",
    "side by side": "two numbers side by side; write · between factors, and 1000 without a space",
    "mixed": "{text} may be {one} or {other}; write the one that is meant",
    "after": "a number is written before what it multiplies, or with · between",
    "several": "{count} nodes are called {name}; write {names}",
    "large": "this number is too large for a float",
    "compare": "compare two numbers with <, <=, > or >=",
    "condition": "a comparison is the condition of where(…), and no number; give one side of it",
    "count": "{name} takes {count} operand(s), not {given}",
    "lengths": "{name}: sequences of lengths {given}; make them equally long",
    "lists": "{name} takes {count} lists, as in {name}([a, b], [c, d])",
    "none": "{name}: an empty sequence; give at least one number",
    "function": "{name} is a function; give it operands in parentheses",
    "slope": "only a function of one operand has a derivative {name}′",
    "unknown": "there is no {name} here",
    "uncalled": "{name} is not in the table of functions",
    "unwritten": "{name} is not read on a page; calculate it, and give a number",
    "no value": "no value here",
    "too large": "too large for a float, or no value here",
    "no operand": "this is no such operand of it",
    "product": "there is no {name} here; a product is written {product}",
    "superscript": "{name} is no name here; a power is written x² or x^2",
    "derivative": "a derivative is written with names of the graph, as in ∂L/∂w",
    "quoted": "nothing here is called {name}",
    "root": "√ is the square root, ∛ the third; write another as a power, as in x^(1/4)",
}
"""What is said of a text that cannot be read."""


def grammar() -> dict[str, Any]:
    """Return the tables, with the functions of the table of rules as it is now.

    A function is its rule, the number of its operands (0 for any number), and of its sequences.

    >>> grammar()["functions"]["ln"]
    ['log', 1, 0]
    """
    known = {n: r for n, r in RULES.items() if not n.startswith("_") and r.complete} | {
        name: RULES[rule] for name, rule in FUNCTIONS.items()
    }
    return {
        "operators": {
            spelling: rule for rule, all_ in OPERATORS.items() for spelling in all_.split()
        },
        "levels": LEVELS,
        "functions": {name: [r.name, r.arity, r.sequences] for name, r in known.items()},
        "constants": {name: repr(number) for name, number in CONSTANTS.items()},
        "commands": COMMANDS,
        "patterns": PATTERNS,
        "messages": MESSAGES,
        "keywords": kwlist,
        "depth": DEPTH,
    }


DEPTH = 150
"""How deep a formula may be nested: parentheses count three, signs and functions one."""
