"""The door: choose rows, measure them on all cores, print the table beside its targets."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from multiprocessing import Pool

from benchmarks.teaching import clock
from benchmarks.teaching.rows import ROWS
from benchmarks.teaching.table import Observation, Row, Tally, Target

__all__ = ["main", "measured"]

GRAPHS = 10_000
CLOCKED = 200


def main() -> None:
    """Print the table, or the rows of it that the command line names."""
    chosen = _arguments()
    _show(f"{chosen.graphs} graphs of 3 to 9 operations; shares with their 95 % intervals")
    for name in chosen.rows or [*ROWS, "time"]:
        if name == "time":
            _show(f"\ntime: one answer\n  {clock.line(min(CLOCKED, chosen.graphs))}")
            continue
        row = ROWS[name]
        tally = measured(name, chosen.graphs, chosen.jobs, chosen.first, chosen.examples)
        _show(f"\n{name}: {row.title}")
        _show("\n".join(_lines(row, tally)))
        if chosen.confusion:
            _show("\n".join(_confusion(row, tally)))


def measured(name: str, graphs: int, jobs: int = 1, first: int = 0, examples: int = 3) -> Tally:
    """Return what is observed in the cases of a row, from the first number on."""
    row = ROWS[name]
    start = first if row.endless else 0
    cases = [(name, number) for number in range(start, start + row.cases(graphs))]
    tally = Tally(kept=examples)
    if jobs == 1:
        _add(tally, map(_observed, cases))
    else:
        with Pool(jobs) as pool:
            _add(tally, pool.imap(_observed, cases, chunksize=20))
    return tally


def _observed(case: tuple[str, int]) -> list[Observation]:
    name, number = case
    return list(ROWS[name].measure(number))


def _add(tally: Tally, observed: Iterable[Sequence[Observation]]) -> None:
    for observations in observed:
        for observation in observations:
            tally.add(observation)


def _lines(row: Row, tally: Tally) -> Iterable[str]:
    for line, target in row.targets.items():
        share = tally.share(line)
        yield f"  {line:<38} {share}  {_verdict(target, share.value)}".rstrip()


def _verdict(target: Target | None, share: float) -> str:
    if target is None:
        return ""
    return f"{target.relation} {target.bound:.1%} {'met' if target.is_kept(share) else 'MISSED'}"


def _confusion(row: Row, tally: Tally) -> Iterable[str]:
    """Yield the shares of each group, and cases that went wrong, to be made again."""
    for line in row.targets:
        yield f"\n  {line}, by what was made"
        for group in tally.groups(line):
            yield f"    {group:<34} {tally.share(line, group)}"
    for line in row.targets:
        for group in tally.groups(line):
            for example in tally.examples[line, group]:
                indented = example.replace("\n", "\n    ")
                yield f"\n  {line}; {group}\n    {indented}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.teaching",
        description="Measure how often check says what went wrong with an answer.",
    )
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", choices=[*ROWS, "time", []],
        help=", ".join([*ROWS, "time"]),
    )  # fmt: skip
    parser.add_argument("--graphs", type=int, default=GRAPHS, help=f"default: {GRAPHS}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="default: all cores")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N",
        help="number of the first case: others than those that somebody has looked at",
    )  # fmt: skip
    parser.add_argument("--confusion", action="store_true", help="show each kind, with examples")
    parser.add_argument("--examples", type=int, default=3, help="of each kind; default: 3")
    return parser.parse_args()


def _show(text: str) -> None:
    """Write at once: the next row can take minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
