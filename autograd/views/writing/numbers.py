"""How numbers are written: short, and so that an exact one can be told from a rounded one."""

from __future__ import annotations

import math

__all__ = ["counted", "latex_number", "short", "signed"]


def short(x: float) -> str:
    """Return a number in four significant digits; a numeral that has no point is exact.

    An exact number is short, a rounded one has all its digits.

    >>> short(0.5), short(0.70641932), short(1.00001), short(-3.0)
    ('0.5', '0.7064', '1.000', '-3')
    >>> short(1234.5678), short(2e-9), short(2.00001e-9), short(float("inf"))
    ('1234.6', '2e-09', '2.000e-09', '∞')
    """
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    if math.isnan(x):
        return "NaN"
    exact = f"{x + 0.0:.4g}"
    if float(exact) == x:
        return exact
    rounded = f"{x:#.4g}"
    return f"{x:#.5g}" if rounded.endswith(".") else rounded


def latex_number(x: float) -> str:
    r"""Return a number in at most four significant digits, as LaTeX.

    >>> latex_number(0.5), latex_number(-2e-9)
    ('0.5', '-2 \\times 10^{-9}')
    """
    if not math.isfinite(x):
        return {"∞": r"\infty", "-∞": r"-\infty"}.get(short(x), r"\mathrm{NaN}")
    mantissa, e, exponent = short(x).partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


def signed(number: str) -> str:
    """Return a factor as it stands in a product: a negative one in parentheses.

    >>> signed("2"), signed("-2")
    ('2', '(-2)')
    """
    return f"({number})" if number.startswith(("-", "−")) else number


def counted(count: int, what: str) -> str:
    """Return how many there are of something, about how many if there are very many.

    >>> counted(1, "path"), counted(2, "path"), counted(2**200, "path")
    ('1 path', '2 paths', 'about 10^60 paths')
    """
    digits = len(str(count))
    number = str(count) if digits <= 15 else f"about 10^{digits - 1}"
    return f"{number} {what}" if count == 1 else f"{number} {what}s"
