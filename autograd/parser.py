"""Text to steps: the one reader of formulas, as they are typed, printed and written on paper."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any, NamedTuple, NoReturn, TypeVar

from autograd.errors import ExpressionError
from autograd.grammar import PATTERNS, grammar
from autograd.vocabulary import Vocabulary, brief, folded, is_letter

__all__ = ["Step", "parse"]

T = TypeVar("T")


class Step(NamedTuple):
    """One step of a calculation, as a pocket calculator with a stack takes it.

    - ``"number"``: put (the number, as it was written) on the stack;
    - ``"name"``: put the number of what has that name;
    - ``"derivative"``: put the derivative (above, below, held, operand);
    - ``"rule"``: take so many ``operands``, put what the rule makes of them; in ``sizes``, how many
      operands each of its sequences has;
    - ``"power"``: the same for a power with a plain number as exponent;
    - ``"slope"``: the same for the derivative of a rule of one operand;
    - ``"function"``: the same for a function of numbers, which no text is read as.
    """

    head: str
    value: Any
    operands: int = 0
    sizes: tuple[int, ...] = ()

    def take(self, stack: list[T]) -> list[T]:
        """Take what the step is made of from the stack, and return it.

        >>> stack = ["x", "y", "z"]
        >>> Step("rule", "mul", operands=2).take(stack), stack
        (['y', 'z'], ['x'])
        """
        first = len(stack) - self.operands
        taken, stack[first:] = stack[first:], []
        return taken


def parse(text: str, words: Vocabulary) -> list[Step]:
    """Return the steps that calculate a formula.

    Raises `ExpressionError`, pointing at the column, for what cannot be read, and for what may be
    read in two ways, which it names.

    >>> [step.value for step in parse("2·3² + x", Vocabulary({"x": ["a node"]}))]
    [(2.0, '2'), (3.0, '3'), 2.0, 'mul', 'a node', 'add']
    """
    return _Parser(folded(text), words).whole()


_SIGNS: dict[str, list[str]] = {}
"""The spellings of operators by the character they begin with, the longest first."""

for _written in sorted(grammar()["operators"], key=len, reverse=True):
    _SIGNS.setdefault(_written[0], []).append(_written)


class _Parser:
    """Reads by recursive descent; `i` is where the next sign begins, `end` where the last ended."""

    def __init__(self, line: str, words: Vocabulary) -> None:
        self.line = line
        self.words = words
        self.tables = grammar()
        self.steps: list[Step] = []
        self.i = self.end = self.depth = self.bars = self.calls = 0
        self.open: tuple[str, str, str] | None = None  # what binds the next sign, or does not

    # Where it is

    def refuse(self, message: str, at: int | None = None, **facts: Any) -> NoReturn:
        said = self.tables["messages"].get(message, message)
        said = said.format(**facts) if facts else said
        raise ExpressionError(said, self.line, (self.i if at is None else at) + 1)

    def two_readings(self, at: int, text: str, one: str, other: str) -> NoReturn:
        self.refuse("mixed", at, text=brief(text), one=brief(one), other=brief(other))

    def match(self, pattern: str) -> re.Match[str] | None:
        return re.compile(self.tables["patterns"].get(pattern, pattern)).match(self.line, self.i)

    def advance(self, to: int) -> None:
        self.end = self.i = to
        skipped = self.match("invisible")
        self.i = skipped.end() if skipped else self.i

    def take(self, pattern: str) -> re.Match[str] | None:
        found = self.match(pattern)
        if found:
            self.advance(found.end())
        return found

    def peek(self) -> str:
        return self.line[self.i : self.i + 1]

    def since(self, start: int) -> str:
        return self.line[start : self.end]

    def sign(self) -> tuple[str, str] | None:
        """Return the operator that comes next, and how it is written."""
        for written in _SIGNS.get(self.peek(), ()):
            if self.line.startswith(written, self.i):
                following = self.line[self.i + len(written) :][:1]
                if not (written[-1].isalpha() and following.isascii() and following.isalpha()):
                    return self.tables["operators"][written], written
        return None

    def level(self, name: str) -> tuple[str, str] | None:
        found = self.sign()
        return found if found and found[0] in self.tables["levels"][name] else None

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > self.tables["depth"]:
            self.refuse("deep", 0)

    # The grammar

    def whole(self) -> list[Step]:
        """Read a line to its end."""
        self.advance(0)
        if not self.peek():
            self.refuse("empty", 0)
        self.sum()
        if self.peek():
            self.unread()
        return self.steps

    def unread(self) -> NoReturn:
        """Say why it cannot be read on."""
        sign = self.sign()
        if self.peek() == "," and re.match(r"\d,\s?\d", self.line[self.end - 1 :]):
            self.refuse("comma")
        if sign and (sign[0] in self.tables["levels"]["comparison"] or sign[0] == "equal"):
            self.refuse("condition")
        self.refuse("unread")

    def sum(self) -> None:
        """Read sum = product (("+" | "−") product)*."""
        self.deeper()
        self.product()
        while sign := self.level("sum"):
            self.advance(self.i + len(sign[1]))
            self.product()
            self.apply(sign[0], 2)
        self.depth -= 1

    def product(self) -> None:
        """Read product = factor (("·" | "/" | "%")? factor)*."""
        start = self.i
        self.factor()
        slash: tuple[int, int] | None = None  # where what stands above the last / ends, and below
        while True:
            sign = self.level("product")
            if sign and sign[0] == "mod" and not self.operand_follows(len(sign[1])):
                self.refuse("percent")
            if not sign and not self.side_by_side():
                return
            open_, end = self.open, self.end
            if sign:
                self.advance(self.i + len(sign[1]))
            following = self.i
            self.factor()
            if open_:
                self.bound(open_, sign[1] if sign else "", self.since(following), start)
            if slash and not sign:
                above, below = self.line[start : slash[0]], self.line[slash[1] : end]
                factor = self.since(following)
                two = f"({above}/{below})·{factor}", f"{above}/({below}·{factor})"
                self.two_readings(start, self.since(start), *two)
            slash = (end, following) if sign and sign[0] == "div" else None
            self.apply(sign[0] if sign else "mul", 2)

    def bound(self, open_: tuple[str, str, str], sign: str, factor: str, start: int) -> None:
        """Refuse a factor that may belong to an operand without parentheses."""
        kind, head, operand = open_
        shown = f"{sign}{factor}" if sign else f"·{factor}"
        written = f"{sign}{factor}" if sign else factor
        if kind == "function" and (sign or not self.is_function(factor)):
            text, one = f"{head} {operand}{written}", f"{head}({operand}{shown})"
            self.two_readings(start, text, one, f"{head}({operand}){shown}")
        if kind == "root" and not sign:
            one, other = f"√({operand}{shown})", f"√({operand}){shown}"
            self.two_readings(start, f"√{operand}{factor}", one, other)
        if kind == "power" and not sign:
            one, other = f"{head}^({operand}{shown})", f"({head}^{operand}){shown}"
            self.two_readings(start, f"{head}^{operand}{factor}", one, other)

    def is_function(self, text: str) -> bool:
        word = re.match(r"\\?\w+", text)
        return word is not None and word[0].lstrip("\\") in self.tables["functions"]

    def operand_follows(self, width: int) -> bool:
        """Return whether an operand stands after the next sign."""
        rest = self.line[self.i + width :].lstrip()
        return bool(rest) and (rest[0] not in "+-−–*·×/÷^%),]}|<>=≤≥" or rest[0] in "-−(")

    def side_by_side(self) -> bool:
        """Return whether another factor stands next, without a sign between."""
        c = self.peek()
        if not c or c in "),]};" or (c == "|" and self.bars) or self.sign():
            return False
        if self.match("number") and not self.words.find(self.line, self.i):
            self.refuse("side by side" if self.line[self.end - 1].isdecimal() else "after")
        return bool(c == "(" or c == "|" or c in '{[“„"√∛∂\\' or is_letter(c) or self.starts())

    def starts(self) -> bool:
        """Return whether what comes next may begin a factor."""
        fraction = self.match("fraction")
        if fraction:
            start = self.end - 1
            while start and (self.line[start - 1].isdigit() or self.line[start - 1] == "."):
                start -= 1
            number, part = self.since(start), fraction[0]
            if number[-1:].isdecimal():
                self.two_readings(
                    start, f"{number}{part}", f"{number} + {part}", f"{number}·{part}"
                )
            self.refuse("after")
        return self.peek() in self.tables["constants"] or bool(self.words.find(self.line, self.i))

    def factor(self) -> None:
        """Read factor = ("+" | "−") factor | power."""
        sign = self.level("sum")
        if not sign:
            self.power()
            return
        self.deeper()
        self.advance(self.i + len(sign[1]))
        known = len(self.steps)
        self.factor()
        self.depth -= 1
        if sign[0] == "sub":
            if len(self.steps) == known + 1 and self.steps[-1].head == "number":
                number, written = self.steps[-1].value  # −3 is a number, not an operation
                self.steps[-1] = Step("number", (-number, written))
            else:
                self.apply("neg", 1)

    def power(self) -> None:
        """Read power = atom (superscript | "^" factor)?."""
        start, known = self.i, len(self.steps)
        self.deeper()
        self.atom()
        open_, base, middle = self.open, self.since(start), len(self.steps)
        sign = self.sign()
        at = self.i
        if self.match("superscript"):
            self.superscript(start)
        elif sign and sign[0] == "pow":
            self.advance(self.i + len(sign[1]))
            self.exponent()
        self.depth -= 1
        if at == self.i:
            return
        raised = self.line[at : self.end]
        if open_:
            kind, head, operand = open_
            if kind == "derivative":
                one, other = f"({base}){raised}", f"{head}∂({operand}{raised})"
                self.two_readings(start, f"{base}{raised}", one, other)
            name = "√" if kind == "root" else head
            one, other = f"{name}({operand}{raised})", f"({name}({operand})){raised}"
            self.two_readings(start, f"{base}{raised}", one, other)
        exponent = raised.lstrip("*^ ")
        loose = bool(sign) and exponent[:1] not in "({" and raised[0] in "*^"
        self.raised(known, middle)
        self.open = ("power", base, exponent) if loose else None

    def exponent(self) -> None:
        if self.peek() == "{":
            self.closed("{", "}")
        else:
            self.factor()

    def superscript(self, start: int) -> None:
        """Read an exponent that is written as superscripts."""
        run = self.match("superscript")
        assert run is not None
        if run[0][0] in "⁽⁾":
            self.refuse("superscript", start, name=self.line[start : run.end()])
        text = unicodedata.normalize("NFKC", run[0])
        try:
            steps = _Parser(text, self.words).whole()
        except ExpressionError as error:
            self.refuse(error.message)
        self.steps += steps
        self.advance(run.end())

    def raised(self, known: int, middle: int) -> None:
        """Apply a power to the steps of a base, from `known` to `middle`, and of an exponent."""
        last = self.steps[-1]
        if self.steps[known:middle] == [Step("number", (math.e, "e"))]:
            del self.steps[known]
            self.apply("exp", 1)
        elif last.head == "number":
            self.steps[-1] = Step("power", last.value[0], 1)
        else:
            self.apply("pow", 2)

    def apply(self, rule: str, count: int, sizes: tuple[int, ...] = ()) -> None:
        self.open = None if count > 1 else self.open
        self.steps.append(Step("rule", rule, count, sizes))

    def closed(self, opening: str, closing: str) -> None:
        """Read what stands in brackets."""
        at = self.i
        self.advance(self.i + len(opening))
        bars, self.bars = self.bars, (self.bars + 1) if closing == "|" else 0
        self.sum()
        self.bars = bars
        sign = self.sign()
        if sign and (sign[0] in self.tables["levels"]["comparison"] or sign[0] == "equal"):
            self.refuse("condition", at + 1)
        self.close(closing)

    def close(self, closing: str) -> None:
        if self.peek() != closing:
            if self.peek():
                self.unread()
            self.refuse("closing", sign=closing)
        self.advance(self.i + 1)
        self.open = None

    # Atoms

    def atom(self) -> None:
        """Read a number, a name, a derivative, something in brackets, or a function applied."""
        self.deeper()
        self.open = None
        c = self.peek()
        if not c:
            self.refuse("end")
        if self.derivative():
            pass
        elif name := self.name():
            self.advance(self.i + len(name))
            self.named(name)
        elif quoted := self.match("quoted"):
            self.quoted(quoted)
        elif number := self.match("number"):
            self.number(number)
        elif self.match("fraction"):
            self.fraction(self.i)
        elif c in "({":
            self.closed(c, ")" if c == "(" else "}")
        elif c == "|":
            self.closed("|", "|")
            self.apply("abs", 1)
        elif self.take("fractional"):
            self.closed("{", "}") if self.peek() == "{" else self.refuse("end")
            self.closed("{", "}") if self.peek() == "{" else self.refuse("end")
            self.apply("div", 2)
        elif root := self.take("cube root") or self.take("root"):
            self.root("cbrt" if "3" in root[0] or root[0] == "∛" else "sqrt")
        else:
            self.word()
        self.depth -= 1

    def name(self) -> str | None:
        """Return the name that comes next; what is also a function is one before a parenthesis."""
        found = self.words.find(self.line, self.i)
        if found is None:
            return None
        after = self.line[self.i + len(found) :]
        calls = re.match(rf"\s*(?:{PATTERNS['prime']})*\s*(?:\\left\s*)?\(", after)
        word = found.lstrip("\\")
        is_function = self.tables["commands"].get(word, word) in self.tables["functions"]
        return None if calls and is_function else found

    def named(self, name: str) -> None:
        self.steps.append(Step("name", self.meant(name)))

    def meant(self, name: str) -> Any:
        """Return the one thing that a name stands for."""
        found = self.words.names[name]
        if len(found) > 1:
            marked = [self.words.told_apart.get(one, "") for one in found[:3]]
            listed = " or ".join(filter(None, marked)) or "a number"
            at = self.end - len(name)
            self.refuse("several", at, count=len(found), name=brief(name), names=listed)
        return found[0]

    def quoted(self, quoted: re.Match[str]) -> None:
        name = folded(next(part for part in quoted.groups() if part is not None))
        if name not in self.words.names:
            self.refuse("quoted", name=quoted[0])
        self.advance(quoted.end())
        self.named(name)

    def number(self, found: re.Match[str]) -> None:
        written = re.sub("[−–]", "-", found[0])
        if math.isinf(number := float(written)):
            self.refuse("large")
        self.steps.append(Step("number", (number, written)))
        start = self.i
        self.advance(found.end())
        if not self.calls and re.match(r",\s?\d", self.line[self.i :]):
            self.refuse("comma", start)

    def fraction(self, at: int) -> None:
        above, below = unicodedata.normalize("NFKC", self.line[at]).split("\N{FRACTION SLASH}")
        self.steps.append(Step("number", (int(above) / int(below), f"{above}/{below}")))
        self.advance(at + 1)

    def root(self, rule: str) -> None:
        if self.line[self.end - 1] == "t" and self.peek() == "[":
            self.refuse("root")
        start, wrapped = self.i, self.peek() in "({" and bool(self.peek())
        if wrapped:
            self.closed(self.peek(), ")" if self.peek() == "(" else "}")
        else:
            self.atom()
        if self.open:
            self.refuse("unread", start)
        self.apply(rule, 1)
        self.open = None if wrapped else ("root", "√", self.since(start))

    def word(self) -> None:
        """Read a function or a constant."""
        start = self.i
        if upright := self.match("upright"):
            word, end = upright[1].strip().replace(" ", "_").replace("\\_", "_"), upright.end()
        elif command := self.match("command"):
            word, end = self.tables["commands"].get(command[1], command[1]), command.end()
        else:
            end = start
            while end < len(self.line) and self.is_of_word(self.line[end], first=end == start):
                end += 1
            end = end or start
            word = self.line[start:end]
        if not word and self.peek() in self.tables["constants"]:
            word, end = self.peek(), start + 1
        if not word:
            self.unread()
        if word in self.tables["functions"]:
            self.advance(end)
            self.function(word, start)
        elif word in self.tables["constants"]:
            self.steps.append(Step("number", (float(self.tables["constants"][word]), word)))
            self.advance(end)
        else:
            self.unknown(word, start, end)

    @staticmethod
    def is_of_word(c: str, *, first: bool) -> bool:
        return is_letter(c) or (not first and c.isascii() and c.isdigit())

    def unknown(self, word: str, start: int, end: int) -> None:
        if word in self.tables["keywords"]:
            self.refuse("unread", start)
        called = self.line[end:].lstrip()[:1] == "("
        if self.words.open and not called:
            self.steps.append(Step("name", word))
            self.advance(end)
            return
        parts = self.words.split(word)
        if parts:
            self.refuse("product", start, name=brief(word), product="·".join(parts))
        self.refuse(self.words.unknown(word, called=called), start)

    # Functions

    def function(self, word: str, start: int) -> None:
        """Read function = name prime? exponent? ("(" arguments ")" | atom)."""
        rule, count, _ = self.tables["functions"][word]
        is_slope = bool(self.take("prime"))
        if is_slope and count != 1:
            self.refuse("slope", start, name=word)
        exponent, raised = self.function_power(word, start) if not is_slope else ([], "")
        known = len(self.steps)
        if self.peek() == "(":
            self.call(word, start)
            self.open = None
        elif self.peek() and self.begins_operand():
            at = self.i
            self.atom()
            self.applied(word, [1], start)
            self.open = ("function", word + raised, self.since(at))
        elif self.words.open:
            self.steps.append(Step("name", word))
            return
        else:
            self.refuse("function", start, name=word)
        if is_slope:
            self.steps[-1] = Step("slope", rule, 1)
        if exponent:
            middle = len(self.steps)
            self.steps += exponent
            self.raised(known, middle)

    def begins_operand(self) -> bool:
        c = self.peek()
        return not self.sign() and c not in "),]}" and not (c == "|" and self.bars)

    def function_power(self, word: str, start: int) -> tuple[list[Step], str]:
        """Return the exponent in sin²(x), which is (sin x)²."""
        at, known = self.i, len(self.steps)
        sign = self.sign()
        if self.match("superscript"):
            self.superscript(start)
        elif sign and sign[0] == "pow":
            self.advance(self.i + len(sign[1]))
            self.closed("{", "}") if self.peek() == "{" else self.signed_atom()
        else:
            return [], ""
        steps, text = self.steps[known:], self.since(at)
        del self.steps[known:]
        if len(steps) == 1 and steps[0].head == "number" and steps[0].value[0] == -1:
            one = f"arc{word}" if word in ("sin", "cos", "tan") else "the inverse function"
            self.two_readings(start, f"{word}{text}", one, f"1/{word}")
        return steps, text

    def signed_atom(self) -> None:
        negative = self.level("sum")
        if negative:
            self.advance(self.i + len(negative[1]))
        self.atom()
        if negative and self.steps[-1].head == "number":
            number, written = self.steps[-1].value
            self.steps[-1] = Step("number", (-number, written))

    def call(self, word: str, start: int) -> None:
        """Read arguments = (argument ("," argument)*)?."""
        self.advance(self.i + 1)
        bars, self.bars = self.bars, 0
        self.calls += 1
        sizes: list[int] = []
        if self.peek() != ")":
            sizes.append(self.argument(word, first=True))
            while self.peek() in (",", ";"):
                self.advance(self.i + 1)
                sizes.append(self.argument(word))
        self.bars = bars
        self.calls -= 1
        self.close(")")
        self.applied(word, sizes, start)

    def argument(self, word: str, *, first: bool = False) -> int:
        """Read an operand, or a list of them, and return how many there are."""
        if self.peek() == "[":
            return self.listed()
        at = self.i
        self.sum()
        sign = self.sign()
        comparison = sign and sign[0] in [*self.tables["levels"]["comparison"], "equal"]
        if sign and comparison:
            if not (first and word == "where"):
                self.refuse("condition", at)
            if sign[0] == "equal":
                self.refuse("compare", at)
            self.advance(self.i + len(sign[1]))
            self.sum()
            if self.peek() not in (",", ";", ")", ""):
                self.refuse("compare", at)
            self.apply(sign[0], 2)
        return 1

    def listed(self) -> int:
        self.advance(self.i + 1)
        count = 0
        while self.peek() != "]":
            self.sum()
            count += 1
            if self.peek() == ",":
                self.advance(self.i + 1)
            elif self.peek() != "]":
                self.close("]")
        self.close("]")
        return -count if count else 0  # a list, to be told from one operand

    def applied(self, word: str, sizes: list[int], start: int) -> None:
        """Apply a function to as many operands as were read."""
        rule, count, sequences = self.tables["functions"][word]
        given, lengths = sum(map(abs, sizes)), tuple(map(abs, sizes))
        if not sequences and (len(sizes) != count or min(sizes, default=1) < 0):
            self.refuse("count", start, name=word, count=count, given=given)
        if sequences > 1 and (len(sizes) != sequences or max(sizes) > 0):
            self.refuse("lists", start, name=word, count=sequences)
        if sequences > 1 and len({*lengths}) > 1:
            self.refuse("lengths", start, name=word, given=" and ".join(map(str, lengths)))
        if sequences and not given:
            self.refuse("none", start, name=word)
        if rule == "pow" and self.steps[-1].head == "number":
            self.raised(0, 0)
        else:
            self.apply(rule, given, lengths if sequences > 1 else (given,) * sequences)

    # Derivatives

    def derivative(self) -> bool:
        """Read derivative = "∂" name "/" "∂" name held?, or the same as a fraction in LaTeX."""
        start, end = self.i, self.end
        fraction = self.take("above")
        named = not fraction and self.words.find(self.line, self.i) is not None
        mark = None if named else self.take("differential")
        above = self.symbol() if mark else None
        if above is not None:
            slash = self.take("below" if fraction else "slash")
            below = self.symbol() if slash and self.take("differential") else None
            if below is not None and fraction and self.peek() == "}":
                self.advance(self.i + 1)
                fraction = None
            if below is not None and not fraction:
                held = self.held()
                operand = self.take("operand")
                position = int(operand[1]) if operand else 0
                self.steps.append(Step("derivative", (above, below, held, position)))
                if mark and self.line[self.end - 1] not in ")}":
                    head, _, last = self.since(start).rpartition("∂")
                    self.open = ("derivative", head, last)
                return True
        if mark and mark[0][0] != "d":
            self.refuse("derivative", start)
        self.i, self.end = start, end
        return False

    def symbol(self) -> Any:
        """Read the name in a derivative, None if there is none."""
        name = self.words.find(self.line, self.i) or ""
        end = self.i + len(name)
        if not name and (quoted := self.match("quoted")):
            name = folded(next(part for part in quoted.groups() if part is not None))
            end = quoted.end()
        if name not in self.words.names:
            return None
        self.advance(end)
        return self.meant(name)

    def held(self) -> tuple[Any, ...]:
        """Read what is held fixed, as in ∂u/∂x|v1."""
        start, end = self.i, self.end
        mark = None if self.bars else self.take("held")
        names = []
        while mark and (name := self.symbol()) is not None:
            names.append(name)
            if self.peek() != ",":
                break
            self.advance(self.i + 1)
        if not names:
            self.i, self.end = start, end
        elif mark and "{" in mark[0]:
            self.close("}")
        return tuple(names)
