"""``python -m autograd``: what it prints, what it refuses, and that it runs nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import ExpressionError, Value, gradient
from autograd.__main__ import main
from autograd.expression import evaluate, names_in
from autograd.graph import topological_order
from tests.table import CASES, Case


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograd", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def test_it_prints_value_steps_and_gradients(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = tmp_path / "graph.svg"
    arguments = ["tanh(w*x + b)", "w=-3", "x=2", "b=6.88", "--draw", str(picture)]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tanh(w*x + b) = 0.7064193203972353"
    assert lines[4:7] == ["v1 = w × x = -6", "v2 = v1 + b = 0.88", "v3 = tanh(v2) = 0.7064"]
    table = [line.split() for line in lines[8:14]]
    assert [row[:3] for row in table[1:]] == [
        ["1", "v3", "v2"],
        ["2", "v2", "v1"],
        ["3", "v2", "b"],
        ["4", "v1", "w"],
        ["5", "v1", "x"],
    ]
    assert "0.5010    x = 2               1.002           1.002" in lines[12]
    assert lines[15:19] == [
        "gradients",
        "  ∂v3/∂w = 1.0019434875390167",
        "  ∂v3/∂x = -1.502915231308525",
        "  ∂v3/∂b = 0.5009717437695084",
    ]
    assert all(text in picture.read_text() for text in ("1 − v3²", "= 0.501"))


@pytest.mark.parametrize("expression", ["2x^2", "x²·½", "where(x > 0, 3x, −x)", "2·3·x + relu'(1)"])
def test_a_number_in_an_expression_is_a_constant_as_it_is_in_python(
    expression: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = evaluate(expression, {"x": Value(2.0, "x")})
    leaves = [node for node in topological_order(output) if not node.parents]
    assert [leaf.label for leaf in leaves if not leaf.is_constant] == ["x"]
    assert main([expression, "x=2"]) == 0
    defined = re.findall(r"^(v\d+) = ", (out := capsys.readouterr().out), re.MULTILINE)
    assert {*defined} == {*re.findall(r"v\d+", out)}  # no symbol stands for a number unsaid


def test_it_says_which_gradients_are_sums(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x*x + x", "x=3"]) == 0
    assert "∂v2/∂x = 1 + 3 + 3 = 7  (steps 2, 3 and 4)" in capsys.readouterr().out


def test_without_arguments_it_shows_a_weight_reached_by_two_paths() -> None:
    done = run()
    assert done.returncode == 0
    assert done.stderr == ""
    assert "∂C₀/∂a₂⁽²⁾ = 0.2620 + 0.3964 = 0.6583" in done.stdout
    assert "gradients\n  ∂C₀/∂w₂₂⁽²⁾ = 0.316349" in done.stdout


def test_a_terminal_without_unicode_is_written_in_ascii() -> None:
    done = run(PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "dC_0/da_2^(2) = 0.2620 + 0.3964 = 0.6583" in done.stdout
    header, row = [line for line in done.stdout.splitlines() if line.startswith(("step", "23"))]
    assert header.index("upstream") == row.index("0.1582")


def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        [f"{sys.executable} -m autograd | head -1"],
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x + y", "x=1"], "no number for y; add y=NUMBER"),
        (["x", "x=1", "y=2"], "y is not in the expression"),
        (["x", "x=one"], "x='one': not a number"),
        (["x", "x="], "x='': not a number"),
        (["x", "x=1e999"], "too large for a float"),
        (["x", "x=1", "x=2"], "x is given twice"),
        (["x", "1"], "'1' is not of the form NAME=NUMBER"),
        (["log(x)", "x=0"], "log at x = 0.0: no value; x must be positive"),
        (["1/x", "x=0"], "div at 1.0, x = 0.0: no value; x must not be 0"),
        (["exp(x)", "x=1000"], "exp at x = 1000.0: the result is too large"),
        (["log(w−10)", "w=2"], "log at w − 10 = -8.0: no value; w − 10 must be positive"),
        (["1/(a*w−6)", "a=2", "w=3"], "div at 1.0, (a × w) − 6 = 0.0: no value; (a × w) − 6 must"),
        (["√(−x)", "x=2"], "sqrt at −x = -2.0: no value; −x must not be negative"),
        (["(tanh(w)−1)^0.5", "w=0"], "power at tanh(w) − 1 = -1.0, n = 0.5: no value; "),
        (
            ["log(w² − 9)", "w=3"],
            "log at (w ^ 2) − 9 = 0.0: no value; (w ^ 2) − 9 must be positive",
        ),
        (["log(−1)"], "log at -1.0: no value; -1.0 must be positive"),
        (["x", "x=1", "--draw", "no/such/folder/g.svg"], "cannot write"),
    ],
)
def test_a_mistake_is_one_clear_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.startswith("autograd: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize(
    ("expression", "column", "said"),
    [
        ("__import__('os').system('true')", 1, "not in the table"),
        ("1 + x.data", 6, "only arithmetic"),
        ("x[0]", 2, "only arithmetic"),
        ("(lambda: 1)()", 2, "only arithmetic"),
        ("exp(x, base=2)", 8, "there is no base here"),
        ("exp(*x)", 5, "only arithmetic"),
        ("[x for x in y]", 1, "only arithmetic"),
        ("2 * 'a'", 5, "only arithmetic"),
        ("x if x else y", 3, "only arithmetic"),
        ("True", 1, "only arithmetic"),
        ("2j", 2, "there is no j here; add j=NUMBER"),
        ("50%", 3, "write a percentage as a number"),
        ("x and y", 3, "only arithmetic"),
        ("1 + sinn(x)", 5, "did you mean sin"),
        ("1 + eval(x)", 5, "not in the table"),
        ("ŷ + q", 5, "there is no q here; add q=NUMBER"),
        ("x + exp", 5, "exp is a function"),
        ("tanh(x, y)", 1, "takes 1 operand"),
        ("dot([x, y], [x])", 1, "lengths 2 and 1"),
        ("mean()", 1, "empty"),
        ("where(x == y, 1, 2)", 7, "compare two numbers with"),
        ("1 + (x < y)", 6, "condition of where"),
        ("x + 1e999", 5, "too large for a float"),
        ("1" * 5000, 1, "too large for a float"),
        ("x\udcff", 1, "encoding"),
        ("(x", 3, "not an expression"),
        ("x +", 4, "not an expression"),
        ("", 1, "not an expression"),
        ("-" * 100_000 + "x", 1, "too deep"),
        ("(" * 100_000, 1, "too deep"),
        ("cos 2·x", 1, r"cos\(2·x\) or cos\(2\)·x"),
        ("x^2y", 1, r"x\^\(2·y\) or \(x\^2\)·y"),
    ],
)
def test_what_is_no_arithmetic_is_refused_at_its_column(
    expression: str, column: int, said: str
) -> None:
    variables = {name: Value(2.0, name) for name in ("x", "y", "ŷ")}
    with pytest.raises(ExpressionError, match=said) as refusal:
        evaluate(expression, variables)
    assert refusal.value.column == column
    message, excerpt, caret = str(refusal.value).splitlines()
    assert message.startswith(f"column {column}: ")
    assert len(caret) <= len(excerpt) + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-x**2", -4.0),
        ("2**-1", 0.5),
        ("x^2 + 2x²y - x % y", 26.0),
        ("+".join(["x"] * 100_000), 200_000.0),
        ("x**y", 8.0),
        ("(x + y)/y - +x", 5 / 3 - 2),
        ("where(x > y, x, y)", 3.0),
        ("mean(x, y) + sum(x, y, 1) + sum([x, y])", 13.5),
        ("dot([x, y], [10, 100])", 320.0),
        ("logsumexp(0, 0)", 0.6931471805599453),
        ("pow(x, y) + power(x, 2) + hypot(3, 4)", 17.0),
        ("abs(-x) + maximum(x, y)", 5.0),
        ("x\n +\n y", 5.0),
    ],
)
def test_arithmetic_and_the_table_are_read(expression: str, value: float) -> None:
    assert evaluate(expression, {"x": Value(2.0), "y": Value(3.0)}).data == value


SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}


@pytest.mark.filterwarnings("ignore::autograd.InfiniteGradientWarning")
@pytest.mark.parametrize("case", [case for case in CASES if case.rule.name[0] != "_"], ids=str)
def test_what_is_read_has_every_slope_of_the_rule(case: Case) -> None:
    """An expression of variables alone depends on each of them as the rule does."""
    names = [f"x{i}" for i in range(case.count)]
    size = case.count // max(1, case.rule.sequences)
    columns = [names[i : i + size] for i in range(0, case.count, size)]
    operands = names if case.rule.sequences < 2 else [f"[{', '.join(c)}]" for c in columns]
    called = f"{case.rule.name}({', '.join(operands)})"
    if case.rule.name == "power":
        called = f"{names[0]} ** {case.rule.constants['n']}"
    texts = [called]
    if case.rule.name in SIGNS:
        texts.append(f" {SIGNS[case.rule.name]} ".join(names))
    for text in texts:
        for point in case.points(3):
            leaves = [Value(x) for x in point]
            found = evaluate(text, dict(zip(names, leaves, strict=True)))
            expected = case([Value(x) for x in point])
            assert found.data == expected.data
            slopes = gradient(found, leaves)
            assert slopes == pytest.approx(expected.partials, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("x", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_a_comparison_is_read_as_python_reads_it(sign: str, x: float) -> None:
    chosen = evaluate(f"where(x {sign} 2, 10, 20)", {"x": Value(x)})
    assert chosen.data == (10.0 if eval(f"x {sign} 2") else 20.0)


def test_names_are_listed_in_the_order_they_are_read() -> None:
    assert names_in("b*tanh(a*b) + where(c > a, exp, 0)") == ["b", "a", "c", "exp"]


def test_an_infinite_slope_is_a_warning_not_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sqrt(x)", "x=0"]) == 0
    captured = capsys.readouterr()
    assert "∂v1/∂x = inf" in captured.out
    assert captured.err.startswith("warning: the gradient of x is inf: sqrt at x = 0.0")


def test_an_expression_may_begin_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-x", "x=2"]) == 0
    assert "∂v1/∂x = -1.0" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--explain", "--expl", "--e"])
@pytest.mark.parametrize("written", ["{} w", "{}=w"])
def test_an_option_may_be_abbreviated(
    option: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["w*x", "w=3", "x=2", *written.format(option).split()]) == 0
    assert "∂v1/∂w: 1 path, 0 multiplications" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["-h", "--help", "--h"])
def test_the_help_lists_every_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([option])
    assert left.value.code == 0
    said = capsys.readouterr().out
    for listed in ("-h, --help", "--explain NAME", "--by-hand", "--draw FILE", "--page FILE"):
        assert f"\n  {listed}" in said


@pytest.mark.parametrize("expression", ["-h*2", "-x + h", "--x - h", "-e*x", "-page"])
def test_an_expression_is_not_mistaken_for_an_option(
    expression: str, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = [f"{name}=2" for name in names_in(expression)]
    assert main([expression, *variables]) == 0
    assert capsys.readouterr().out.startswith(f"{expression} = ")


def test_an_unknown_kind_of_picture_is_refused_before_anything_is_printed() -> None:
    done = run("x", "x=1", "--draw", "graph.jpg")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "must end in one of .svg, .png, .pdf, .tex, .gif, .dot, .gv" in done.stderr
    assert "Traceback" not in done.stderr


def test_results_get_names_that_no_variable_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v1*v1", "v1=3"]) == 0
    assert "v2 = v1 × v1 = 9" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_an_answer_that_the_terminal_cannot_mean_is_unreadable_and_asked_again(
    encoding: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "w*x", "w=2", "x=3", "--by-hand"],
        input=b"\xff\n2\n3\n",
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"only arithmetic, functions, numbers and names") == 1
    assert b"Right." in done.stdout
