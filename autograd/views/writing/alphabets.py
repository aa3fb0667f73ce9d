"""What Unicode and LaTeX have for the writing of symbols: letters, accents, fonts, scripts."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "ACCENTS",
    "COMMANDS",
    "LETTERS",
    "LOWERED",
    "MARKS",
    "RAISED",
    "SIGNS",
    "STYLED",
    "raised",
]

LETTERS = {"varepsilon": "ε", "varphi": "φ"} | {
    name: unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
    for case, names in (
        ("SMALL", "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho "
                  "sigma tau upsilon phi chi psi omega"),
        ("CAPITAL", "Gamma Delta Theta Xi Pi Sigma Upsilon Phi Psi Omega"),
    )
    for name in names.split()
} | {"lambda": "λ", "Lambda": "Λ", "vartheta": "ϑ", "varsigma": "ς", "ell": "ℓ", "partial": "∂",
     "nabla": "∇", "infty": "∞", "top": "\u22a4", "star": "⋆", "dagger": "†"}  # fmt: skip
"""The character of each command; the last of two for one character is the one that is written."""

COMMANDS = {letter: rf"\{name}" for name, letter in LETTERS.items()}
"""The command of each character."""

ACCENTS = {
    name: chr(mark)
    for name, mark in (
        *(("widehat", 0x302), ("widetilde", 0x303), ("overline", 0x304)),
        *(("grave", 0x300), ("acute", 0x301), ("hat", 0x302), ("tilde", 0x303), ("bar", 0x304)),
        *(("breve", 0x306), ("dot", 0x307), ("ddot", 0x308), ("mathring", 0x30A)),
        *(("check", 0x30C), ("vec", 0x20D7)),
    )
}
"""The combining character of each accent; the last of two is the one that is written."""

MARKS = "\u0300-\u036f\u20d7"
"""What stands on a letter, as the characters of a regular expression."""

SIGNS = "\u203c\u2100-\u23ff\u27c0-\u2aff"
"""Characters that KaTeX has in formulas and not in texts, as in a regular expression."""

RAISED = dict(
    zip(
        "0123456789+-=()niTLabcdefghjklmoprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᴸᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
LOWERED = dict(
    zip(
        "0123456789+-=()aehijklmnoprstuvx",
        "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ",
        strict=True,
    )
)
_STYLE = re.compile(
    r"(?:MATHEMATICAL )?(?:(BOLD) (?:SMALL|CAPITAL)|(SCRIPT) CAPITAL|(DOUBLE-STRUCK) CAPITAL) \w+"
)


def _styled() -> dict[tuple[str, str], str]:
    """Return the character of each letter in each font, as of ``("mathbf", "w")``."""
    found = {}
    for c in map(chr, (*range(0x2100, 0x2150), *range(0x1D400, 0x1D7CC))):
        kind, _, letter = unicodedata.decomposition(c).partition(" ")
        if kind == "<font>" and (style := _STYLE.fullmatch(unicodedata.name(c))):
            font = {1: "mathbf", 2: "mathcal", 3: "mathbb"}[style.lastindex or 0]
            if font == "mathbf" or chr(int(letter, 16)).isascii():
                found[font, chr(int(letter, 16))] = c
    return found


STYLED = _styled()


def raised(text: str) -> str:
    """Return text as a superscript: in Unicode if it has all the characters, else after a ^.

    >>> raised("(2)"), raised("-1"), raised("Q")
    ('⁽²⁾', '⁻¹', '^Q')
    """
    if all(c in RAISED for c in text):
        return "".join(RAISED[c] for c in text)
    return "^" + text
