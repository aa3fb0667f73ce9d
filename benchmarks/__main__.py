"""The door: choose rows, measure them one after another, print the table."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import version
from itertools import chain

from benchmarks import rows
from benchmarks.agreement import DisagreementError
from benchmarks.engines import PEERS, installed
from benchmarks.program import rows as program
from benchmarks.program.limit import compiler
from benchmarks.table import HEADER

ROWS = {**rows.ROWS, **program.ROWS}

_NAMES = ", ".join([*rows.ROWS, "program", *program.ROWS])
_PACKAGES = (*PEERS, *program.PACKAGES)


def main() -> None:
    """Print the table, or the rows of it that the command line names."""
    chosen = _arguments()
    _show(_preamble(chosen.rounds))
    for name in list(chain.from_iterable(chosen.rows)) or ROWS:
        row = ROWS[name]
        _show(f"\n{name}: {row.title}\n{HEADER}")
        try:
            lines = row.lines(chosen.rounds)
        except DisagreementError as error:
            sys.exit(f"{name}: {error}")
        _show("\n".join(map(str, lines)))


def _show(text: str) -> None:
    """Write a line at once: the next one can take half a minute."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        usage="%(prog)s [--rounds N] [ROW ...]",
        description="Compare what a gradient costs here with what it costs elsewhere.",
    )
    parser.add_argument("rows", nargs="*", type=_rows, metavar="ROW", help=_NAMES)
    parser.add_argument("--rounds", type=_positive, default=11, metavar="N", help="default: 11")
    return parser.parse_args()


def _rows(name: str) -> list[str]:
    """Return the row of this name, or those whose names begin with it and a dot."""
    found = [row for row in ROWS if row == name or row.startswith(f"{name}.")]
    if not found:
        raise argparse.ArgumentTypeError(f"no row {name!r}; choose from {_NAMES}")
    return found


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _preamble(rounds: int) -> str:
    """Say what is compared with what, and how to read the ratios."""
    found = installed(_PACKAGES)
    engines = [f"Python {platform.python_version()}"]
    engines += [f"{name} {version(name)}" for name in found]
    engines += [f"C by {compiler()}"] if compiler() else []
    absent = [
        f"\nleft out: {name}, which is not installed; pip install 'chainrule[bench]'"
        for name in _PACKAGES
        if name not in found
    ]
    absent += [] if compiler() else ["\nleft out: C, for want of a compiler (cc or gcc)"]
    return (
        f"{', '.join(engines)}{''.join(absent)}\n"
        f"ratio: to the first line of the row; the median of {rounds} interleaved rounds, each\n"
        "engine in a process that imports no other, with the garbage collector on"
    )


if __name__ == "__main__":
    main()
