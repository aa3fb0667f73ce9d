"""How numbers are written: short, and honest about what was rounded."""

from __future__ import annotations

import math

__all__ = ["counted", "hole", "html_number", "latex_number", "short", "signed"]


def short(x: float) -> str:
    """Return a number in four significant digits, or in fewer that are exact.

    >>> short(0.70641932), short(-3.0), short(2e-9), short(float("inf"))
    ('0.7064', '-3', '2e-09', '∞')
    >>> short(1.00001), short(1234.56)
    ('1.000', '1234.6')
    """
    if (written := getattr(x, "written", None)) is not None:  # a hole, to be filled in later
        return str(written)
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    if math.isnan(x):
        return "NaN"
    exact = f"{x + 0.0:.4g}"
    if abs(float(exact) - x) <= 1e-12 * abs(x):  # as far as arithmetic on floats goes
        return exact
    rounded = f"{x:#.4g}"
    return rounded if not rounded.endswith(".") else f"{x:.1f}"  # 1234. would be taken for exact


def hole(place: object) -> str:
    r"""Return what a template has where something is to be filled in, which no name contains.

    >>> hole(3)
    '{\ue0003}'
    """
    return f"{{\ue000{place}}}"


def latex_number(x: float) -> str:
    r"""Return a number in at most four significant digits, as LaTeX.

    >>> latex_number(0.5), latex_number(-2e-9)
    ('0.5', '-2 \\times 10^{-9}')
    """
    if not math.isfinite(x):
        return {"∞": r"\infty", "-∞": r"-\infty"}.get(short(x), r"\mathrm{NaN}")
    mantissa, e, exponent = short(x).partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


def html_number(x: float) -> str:
    """Return a number in at most four significant digits, as HTML.

    >>> html_number(-0.5), html_number(2e-9)
    ('−0.5', '2 × 10<sup>−9</sup>')
    """
    mantissa, e, exponent = short(x).replace("-", "−").partition("e")
    power = exponent.replace("+", "").replace("−0", "−").lstrip("0")
    return f"{mantissa} × 10<sup>{power}</sup>" if e else mantissa


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
    power = math.floor(math.log10(count)) if count else 0
    number = str(count) if power < 15 else f"about 10^{power}"
    return f"{number} {what}" if count == 1 else f"{number} {what}s"
