"""``chainrule``, or ``python -m autograd``: an expression, its backward pass, its gradients."""

from __future__ import annotations

import argparse
import math
import os
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from autograd import __version__
from autograd.errors import AutogradError, UsageError
from autograd.expression import evaluate, names_in
from autograd.graph import topological_order
from autograd.number import shown
from autograd.rule import RULES
from autograd.tools.files import write_all
from autograd.value import Value
from autograd.views.draw import draw
from autograd.views.example import hidden_layer_weight
from autograd.views.explain import Explanation, explain
from autograd.views.page.page import PAGES, Page
from autograd.views.pictures.drawing import SUFFIXES
from autograd.views.quiz import quiz
from autograd.views.steps import steps
from autograd.views.tracing.walk import Walk
from autograd.views.writing.labels import parse
from autograd.views.writing.terminals import plain

_EPILOG = """\
for example:
  {command} "tanh(w*x + b)" w=-3 x=2 b=6.88 --draw graph.svg

With no arguments, shows a worked example: a weight of a hidden layer, which the loss of a small
network depends on by two paths.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, or 2 after one clear message."""
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            output, variables = _output(options)
            output.backward()
        for warning in caught:
            _say(f"warning: {warning.message}", sys.stderr)
        explained = _variable_called(options.explain, variables)
        if explained is None and options.top is not None:
            raise UsageError("--top: which variable's paths? add --explain NAME")
        why = None if explained is None else explain(output, explained, top=options.top)
        write_all(list(_files(output, why, options)))
        if options.by_hand:
            example = variables[0] if options.expression is None else None
            _ask(output, example if explained is None else explained, options)
        else:
            _report(output, variables, options)
        for file in filter(None, (options.draw, options.page)):
            _say(f"\nsaved {file}")
        if why is not None:
            _say("\n" + why.text(_encoding()))
        if sys.stdout:
            sys.stdout.flush()
    except AutogradError as error:
        _say(f"autograd: {error}", sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads has seen enough, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _say(f"autograd: cannot write the output ({error.strerror})", sys.stderr)
        return 2
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    called = Path(sys.argv[0]).stem
    command = called if called == "chainrule" else "python -m autograd"
    parser = argparse.ArgumentParser(
        prog=command,
        description="Show the value of an expression, its backward pass and its gradients.",
        epilog=_EPILOG.format(command=command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,  # for it to be among the options
    )
    options = _add_arguments(parser)
    return parser.parse_args(_with_signs(arguments, options))


def _add_arguments(parser: argparse.ArgumentParser) -> list[str]:
    """Say what the command line takes, and return its options as they are written."""
    parser.add_argument("expression", nargs="?", help="arithmetic and functions: 'tanh(w*x + b)'")
    parser.add_argument("variables", nargs="*", metavar="NAME=NUMBER", help="its variables")
    options = [
        parser.add_argument("-h", "--help", action="help", help="show this help and leave"),
        parser.add_argument(
            "--version", action="version", version=f"chainrule {__version__}",
            help="show the version and leave",
        ),
        parser.add_argument(
            "--explain", metavar="NAME", help="say why the gradient of a variable is what it is"
        ),
        parser.add_argument(
            "--top", metavar="N", type=int, help="of the paths explain only the N largest"
        ),
        parser.add_argument(
            "--by-hand", action="store_true", help="ask for the gradients, with hints and diagnoses"
        ),
        parser.add_argument(
            "--draw", metavar="FILE", type=_file(SUFFIXES),
            help=f"save the graph: .{', .'.join(SUFFIXES)}",
        ),
        parser.add_argument(
            "--page", metavar="FILE", type=_file(PAGES), help="save the steps as a page: .html"
        ),
    ]  # fmt: skip
    return [written for option in options for written in option.option_strings]


def _file(suffixes: Sequence[str]) -> Callable[[str], str]:
    """Return a check that the name of a file has one of some suffixes."""

    def checked(path: str) -> str:
        if Path(path).suffix.lstrip(".").lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{path!r} must end in one of .{', .'.join(suffixes)}")
        return path

    return checked


def _with_signs(arguments: Sequence[str], options: Sequence[str]) -> list[str]:
    """Keep an expression such as ``-x`` from being taken for an option: no option has spaces.

    An option may be abbreviated.
    """

    def is_option(argument: str) -> bool:
        name = argument.partition("=")[0]
        return any(option.startswith(name) for option in options)

    return [f" {a}" if a.startswith("-") and not is_option(a) else a for a in arguments]


def _output(options: argparse.Namespace) -> tuple[Value, list[Value]]:
    """Return the Value to explain, and its variables in the order they are to be listed."""
    if options.expression is None:
        output, weight = hidden_layer_weight()
        leaves = [x for x in topological_order(output) if x.label and not x.parents]
        return output, sorted(leaves, key=lambda leaf: leaf is not weight)
    given: dict[str, Value] = {}
    for assignment in options.variables:
        name, equals, text = assignment.partition("=")
        name = unicodedata.normalize("NFKC", name)  # as Python reads names
        if not equals or not name.isidentifier():
            raise UsageError(f"{assignment!r} is not of the form NAME=NUMBER")
        if name in given:
            raise UsageError(f"{name} is given twice; give each variable once")
        given[name] = _variable(name, text)
    needed = names_in(options.expression, given)
    for name in needed:
        if name not in given and name not in RULES:
            raise UsageError(f"no number for {name}; add {name}=NUMBER")
    for name in given:
        if name not in needed:
            raise UsageError(f"{name} is not in the expression; leave out {name}=")
    return evaluate(options.expression, given), [given[name] for name in needed if name in given]


def _variable(name: str, text: str) -> Value:
    try:
        x = float(text)
    except ValueError:
        raise UsageError(f"{name}={shown(text)}: not a number; write {name}=0.5") from None
    if math.isinf(x) and "inf" not in text.lower():
        raise UsageError(f"{name}={shown(text)}: too large for a float; rescale it")
    return Value(x, name)


def _variable_called(name: str | None, variables: list[Value]) -> Value | None:
    if name is None:
        return None
    for variable in variables:
        if parse(name) == parse(variable.label):
            return variable
    listed = ", ".join(variable.label for variable in variables) or "none"
    raise UsageError(f"--explain {name}: no such variable; choose from {listed}")


def _files(
    output: Value, why: Explanation | None, options: argparse.Namespace
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file that was asked for."""
    if options.draw:
        picture = why.draw() if why is not None else draw(output)
        yield options.draw, picture.content(options.draw)
    if options.page:
        yield options.page, Page(Walk(output)).content(options.page)


def _report(output: Value, variables: list[Value], options: argparse.Namespace) -> None:
    walk = steps(output)
    _say(_head(output, options))
    if options.expression is None:
        why = explain(output, variables[0])
        head = f"the {why.paths} paths of {walk.walk.names(variables[0])}"
        _say(plain(f"{head}\n  {why.composition}\n", _encoding()))
    if len(walk):
        _say(walk.text(_encoding()) + "\n")
    if walk.sums():
        _say("sums over paths\n  " + "\n  ".join(walk.sums()) + "\n")
    _say("gradients")
    for variable in variables:
        _say(f"  {walk.walk.write.derivative(variable)} = {variable.grad!r}")


def _head(output: Value, options: argparse.Namespace) -> str:
    """Return the expression as it was given, or the name of the example, and the exact value."""
    given = options.expression or parse(output.label).unicode
    return f"{' '.join(given.split())} = {output.data!r}\n"


def _ask(output: Value, node: Value | None, options: argparse.Namespace) -> None:
    """Show the forward pass, and ask about the backward pass."""
    if sys.stdin is None:
        raise UsageError("--by-hand: there is no input to read answers from; run it in a terminal")
    if isinstance(sys.stdin, TextIOWrapper):  # what the terminal cannot mean is no answer
        sys.stdin.reconfigure(errors="replace")
    _say(_head(output, options))
    walk = steps(output)
    _say("\n".join([walk.definition(), "", *walk.given(), "", *walk.forward()]) + "\n")
    quiz(output, node).ask(say=_say)


def _encoding() -> str:
    target: TextIO | None = sys.stdout  # None if it was closed by whoever started this
    return target.encoding or "utf-8" if target else "utf-8"


def _say(text: str, stream: TextIO | None = None) -> None:
    target: TextIO | None = stream or sys.stdout
    if target is None:  # closed by whoever started this, with `>&-`
        return
    print(plain(text, target.encoding or "utf-8"), file=target)


if __name__ == "__main__":
    sys.exit(main())
