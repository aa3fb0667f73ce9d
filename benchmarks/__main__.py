"""The door: choose rows, measure them one after another, print the table."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import version

from benchmarks.engines import PEERS, installed
from benchmarks.rows import ROWS, DisagreementError
from benchmarks.table import HEADER


def main() -> None:
    """Print the table, or the rows of it that the command line names."""
    chosen = _arguments()
    _show(_preamble(chosen.rounds))
    for name in chosen.rows or ROWS:
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
        description="Compare what a gradient costs here, in micrograd, PyTorch and a lean engine.",
    )
    parser.add_argument("rows", nargs="*", type=_row, metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=_positive, default=11, metavar="N", help="default: 11")
    return parser.parse_args()


def _row(name: str) -> str:
    if name not in ROWS:
        raise argparse.ArgumentTypeError(f"no row {name!r}; choose from {', '.join(ROWS)}")
    return name


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _preamble(rounds: int) -> str:
    """Say what is compared with what, and how to read the ratios."""
    engines = [f"Python {platform.python_version()}"]
    engines += [f"{name} {version(name)}" for name in installed()]
    absent = [
        f"\nleft out: {name}, which is not installed; pip install 'chainrule[bench]'"
        for name in PEERS
        if name not in installed()
    ]
    return (
        f"{', '.join(engines)}{''.join(absent)}\n"
        f"ratio: to the first line of the row; the median of {rounds} interleaved rounds, each\n"
        "engine in a process that imports no other, with the garbage collector on"
    )


if __name__ == "__main__":
    main()
