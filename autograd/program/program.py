"""`Program`: a recorded graph, replayed over batches of samples at compiled speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.errors import BranchError, NumberError, UsageError
from autograd.graph import leaves_and_results, leaves_as_written
from autograd.number import shown
from autograd.program.backends import backend_named, cores
from autograd.program.results import Results
from autograd.program.samples import merged
from autograd.program.way import AVERAGE, INPUTS, SAMPLES, Numbers, Way
from autograd.recording import Recording, watched
from autograd.source import asked_by, source_line
from autograd.tools.optional import optional
from autograd.value import Value

if TYPE_CHECKING:
    from numpy import ndarray

    Array: TypeAlias = ndarray[Any, Any]

__all__ = ["Program", "Run"]

Outputs: TypeAlias = "Value | Sequence[Value] | Callable[..., Value | Sequence[Value]]"

_WAYS = 100
"""How many ways through a function are recorded at most."""


class Program:
    """A recorded graph, to be replayed over many samples: values, averages and gradients.

    - `outputs`: a recorded Value, or a list of them, or a function of the varying leaves that
      returns either;
    - `varying`: the leaves that have a number of their own in every sample;
    - `shared`: the leaves that have one number for all samples, and whose gradients are wanted;
      by default every other leaf with a label. What is neither is a constant;
    - `backend`: ``"compiled"`` (llvmlite; the default where it is installed) or ``"arrays"``
      (NumPy), which find the same;
    - `threads`: over how many threads a large batch is spread, which changes no bit of the
      results; by default as many as there are processors;
    - `on_branch`: what to do about samples for which a Python ``if`` of the function would have
      gone another way: ``"raise"``, or ``"record"`` the function again for them.

    Call it with a batch X, a row for each sample and a column for each varying leaf, and if the
    shared leaves shall have other numbers than their ``data``, with an array of these, in the order
    of ``program.shared``. Nothing recorded is changed, and no ``grad``.

    Raises `UsageError` for leaves that are not in the graph, arrays of another shape and an empty
    batch, `NumberError` for what is not made of real numbers, and `BranchError` where a comparison
    that decided something while the graph was recorded comes out otherwise. A number that has no
    value is NaN, as in every replay on arrays.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> program = Program((w * x) ** 2, varying=[x])
    >>> run = program([[1.0], [2.0]])
    >>> run.values.tolist(), run.mean, run.gradient.tolist()
    ([9.0, 36.0], 22.5, [15.0])
    >>> run.sample_gradients.tolist(), run.input_gradients.tolist()
    ([[6.0], [24.0]], [[18.0], [36.0]])
    """

    def __init__(
        self,
        outputs: Outputs,
        varying: Sequence[Value],
        shared: Sequence[Value] | None = None,
        *,
        backend: str | None = None,
        threads: int | None = None,
        on_branch: str = "raise",
    ) -> None:
        self.backend = backend_named(backend)
        numpy = optional("numpy", "Program", "arrays")
        self._like = numpy.empty(0)
        self.threads = _threads(threads)
        self.varying = _leaves("varying", varying)
        self._function = outputs if callable(outputs) and not isinstance(outputs, Value) else None
        if on_branch not in ("raise", "record"):
            raise UsageError(f"Program: on_branch={on_branch!r}; choose from raise, record")
        if on_branch == "record" and not self._function:
            raise UsageError(
                'Program: on_branch="record" records the function again; give the function of the '
                "varying leaves instead of what it returned"
            )
        self.on_branch = on_branch
        recorded = self._function(*self.varying) if self._function else outputs
        self._single = isinstance(recorded, Value)
        self.outputs = _outputs(recorded)
        self.shared = self._shared(shared)
        self._columns, self._parameters = (len(self.varying),), (len(self.shared),)
        self._ways = [self._way(self.outputs, self.varying)]

    def __call__(self, X: Any, theta: Any = None) -> Run:
        """Return what the outputs are for the samples in the rows of X, and their derivatives."""
        X = self._batch(X)
        numbers = self._theta(theta), self._others()
        run = Run(self, X, numbers)
        if self._single and self.shared:
            run._gradient_of(0)
        else:
            run._values = self._run(AVERAGE, X, numbers, None).values
        return run

    def values(self, X: Any, theta: Any = None) -> Array:
        """Return what the outputs are for the samples in the rows of X, and no derivatives.

        >>> x = Value(2.0, "x")
        >>> Program(x * x, varying=[x]).values([[1.0], [3.0]]).tolist()
        [1.0, 9.0]
        """
        numbers = self._theta(theta), self._others()
        found = self._run(AVERAGE, self._batch(X), numbers, None).values
        values: Array = found[0] if self._single else found.T
        return values

    def as_jax(self) -> Callable[[Any, Any], Any]:
        """Return the average of the output as a function of JAX, of (theta, X).

        It can be compiled (``jax.jit``), differentiated (``jax.value_and_grad``: by the rules of
        the table) and run where JAX runs: on a GPU, or on many machines, each with its shard of X.
        Numbers have the precision of what it is given; what varies in ``theta`` and X alone, and
        the other leaves keep the numbers that they have now. Comparisons are not asked again.

        Raises `UsageError` for several outputs, and where JAX is not installed.

        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> average = Program((w * x) ** 2, varying=[x]).as_jax()
        >>> float(average([3.0], [[1.0], [2.0]]))  # doctest: +SKIP
        22.5
        """
        from autograd.program.blocks import Blocks
        from autograd.program.jax import as_jax

        if not self._single:
            raise UsageError("as_jax: a list of outputs has no one average; make a program of one")
        return as_jax(Blocks(self.outputs, self.varying, self.shared, inputs=True))

    @staticmethod
    def of_samples(
        outputs: Sequence[Value],
        shared: Sequence[Value],
        inputs: Sequence[Value] = (),
        **options: Any,
    ) -> tuple[Program, Array]:
        """Return a program for samples that were recorded one by one, and the rows of its batch.

        Whatever Python decided while they were recorded, by an ``if`` on a plain number, say, is
        in their graphs. Samples of one structure become one, in which the plain numbers vary that
        are not the same for all; several structures are told apart by indicators, 1 for the one
        that a sample has and 0 for the others. `shared` leaves are those of `Program`; `inputs`
        are leaves that stand for numbers of every sample, and have the first columns. `options`
        are those of `Program`.

        >>> w = Value(3.0, "w")
        >>> losses = [(w * x - y) ** 2 for x, y in [(1.0, 2.0), (2.0, 7.0)]]
        >>> program, X = Program.of_samples(losses, [w])
        >>> X.tolist(), program(X).values.tolist(), program(X).gradient.tolist()
        ([[1.0, 2.0], [2.0, 7.0]], [1.0, 1.0], [-1.0])
        """
        import numpy

        for output in _outputs(list(outputs)):
            if not output.parents:
                raise UsageError(f"Program: {shown(output)} was not computed; give recorded Values")
        made = merged(outputs, _leaves("shared", shared), _leaves("inputs", inputs))
        program = Program(made.output, made.varying, shared, **options)
        return program, numpy.array(made.rows, float).reshape(len(outputs), len(made.varying))

    @staticmethod
    def recorded(function: Callable[[], Any], leaves: Sequence[Value]) -> tuple[Any, list[str]]:
        """Call a function that records a graph; return its result and where it looked at numbers.

        That is every line of source at which it asked for the ``data`` of a leaf among `leaves`, or
        of a result: what it did with that is no part of the graph.

        >>> w = Value(3.0, "w")
        >>> _, lines = Program.recorded(lambda: w * abs(w.data), [w])
        >>> len(lines)
        1
        """
        lines: dict[str, None] = {}
        known = set(leaves)

        def look(value: Value) -> None:
            if (value.parents or value in known) and not asked_by("nn"):
                lines[source_line()] = None

        with Recording(True), watched(look):
            return function(), list(lines)

    def __repr__(self) -> str:
        return (
            f"Program of {len(self.outputs)} output(s), {len(self.varying)} varying and "
            f"{len(self.shared)} shared leaves; {self.backend}"
        )

    def _shared(self, shared: Sequence[Value] | None) -> list[Value]:
        """Return the shared leaves; `UsageError` for what is none."""
        leaves = leaves_as_written(*leaves_and_results(*self.outputs))
        known, varying = set(leaves), set(self.varying)
        if shared is None:
            shared = [leaf for leaf in leaves if leaf.label and leaf not in varying]
        shared = _leaves("shared", shared)
        for leaf in shared:
            if leaf in varying:
                raise UsageError(f"Program: {shown(leaf)} is both varying and shared; choose one")
        for leaf in [*self.varying, *shared]:
            if leaf not in known and not self._function:
                raise UsageError(
                    f"Program: the output does not depend on {shown(leaf)}; leave it out"
                )
        return shared

    def _way(self, outputs: Sequence[Value], varying: Sequence[Value]) -> Way:
        return Way(outputs, varying, self.shared, self.backend, self.threads)

    def _batch(self, X: Any) -> Any:
        """Return a batch as an array of floats, a row for each sample."""
        X = _floats("X", X, self._like)
        if X.shape[1:] != self._columns:
            raise UsageError(
                f"Program: X of shape {X.shape}; give a row for each sample and a column for each "
                f"of the {len(self.varying)} varying leaves"
            )
        if not len(X):
            raise UsageError("Program: X has no samples; give a row for each, one at least")
        return X

    def _theta(self, theta: Any) -> Any:
        """Return the numbers of the shared leaves: those given, or their own."""
        if theta is None:
            import numpy

            return numpy.array([leaf._number for leaf in self.shared])
        theta = _floats("theta", theta, self._like)
        if theta.shape != self._parameters:
            raise UsageError(
                f"Program: theta of shape {theta.shape}; give one number for each of the "
                f"{len(self.shared)} leaves in program.shared"
            )
        return theta

    def _others(self) -> dict[Value, float]:
        """Return the numbers that the leaves have which neither vary nor are shared."""
        return {leaf: leaf._number for way in self._ways for leaf in way.others}

    def _run(self, purpose: str, X: Any, numbers: Numbers, seeded: int | None) -> Results:
        """Compute a batch, each sample in the way that it goes."""
        way = self._ways[0]
        found = way.run(purpose, X, numbers, seeded, _seed(purpose, X))
        if not way.guards:
            return found
        turned = way.turned(found)
        if turned is not None:
            if self.on_branch == "raise":
                raise _turned_away(way, turned)
            found = self._sorted(purpose, X, numbers, seeded)
        return found._replace(values=found.values[: way.count])

    def _sorted(self, purpose: str, X: Any, numbers: Numbers, seeded: int | None) -> Results:
        """Compute a batch way by way, recording another one where samples go by none of them."""
        import numpy

        seed = _seed(purpose, X)
        values = numpy.empty((len(self.outputs), len(X)))
        gradient, slopes = numpy.zeros(len(self.shared)), None
        left = numpy.arange(len(X))
        for number in range(_WAYS):
            if number == len(self._ways):
                self._ways.append(self._recorded(X[left[0]], numbers[0]))
                numbers = numbers[0], {**self._others(), **numbers[1]}
            way = self._ways[number]
            turned = way.turned(way.run(purpose, X[left], numbers, None, seed))
            goes = numpy.ones(len(left), bool) if turned is None else ~turned.any(axis=0)
            if goes.any():
                rows = left[goes]
                found = way.run(purpose, X[rows], numbers, seeded, seed)
                values[:, rows] = found.values[: way.count]
                gradient += 0.0 if found.gradient is None else _padded(found.gradient, gradient)
                if found.slopes is not None:
                    slopes = (
                        numpy.zeros((len(X), found.slopes.shape[1])) if slopes is None else slopes
                    )
                    slopes[rows] = found.slopes
            left = left[~goes]
            if not len(left):
                return Results(values, gradient, slopes, _sum(values[seeded or 0]))
        raise BranchError(
            f"Program: the samples go more than {_WAYS} ways through the function by its ifs; "
            "write where(condition, a, b)"
        )

    def _recorded(self, row: Any, theta: Any) -> Way:
        """Return the way that one sample goes."""
        assert self._function is not None
        leaves = [Value(x, leaf.label) for x, leaf in zip(row.tolist(), self.varying, strict=True)]
        before = [leaf.data for leaf in self.shared]
        for leaf, x in zip(self.shared, theta.tolist(), strict=True):
            leaf._number = x  # not by .data: what was asked of it elsewhere still holds
        try:
            with Recording(True):
                outputs = _outputs(self._function(*leaves))
            if len(outputs) != len(self.outputs):
                raise UsageError(
                    f"Program: the function returned {len(self.outputs)} output(s) at first, and "
                    f"{len(outputs)} for another sample; return as many each time"
                )
            return self._way(outputs, leaves)
        finally:
            for leaf, x in zip(self.shared, before, strict=True):
                leaf._number = x


class Run:
    """What a program found of a batch; derivatives that cost more are found when asked for.

    Of a program with a list of outputs, every array has an axis for them: after the samples, or
    first if there are none.

    - ``values``: the output for every sample;
    - ``mean``: its average;
    - ``gradient``: the derivative of the average in each of the shared leaves;
    - ``input_gradients``: the derivative of each sample's output in its own inputs, of shape
      (samples, varying);
    - ``sample_gradients``: that in the shared leaves, of shape (samples, shared).
    """

    def __init__(self, program: Program, X: Any, numbers: Numbers) -> None:
        self._program = program
        theta, others = numbers
        self._X, self._numbers = X.copy(), (theta.copy(), others)  # which may change meanwhile
        self._values: Any = None
        self._total: float | None = None
        self._gradients: dict[int, Any] = {}

    def __repr__(self) -> str:
        return f"Run of {len(self._X)} sample(s), mean {self.mean}"

    @property
    def values(self) -> Array:
        """The output for every sample."""
        found: Array = self._values[0] if self._program._single else self._values.T
        return found

    @property
    def mean(self) -> Any:
        """The average of the output over the samples."""
        import numpy

        if not self._program._single:
            return numpy.array([_sum(row) for row in self._values]) / len(self._X)
        if self._total is None:
            self._total = _sum(self._values[0])
        return self._total / len(self._X)

    @property
    def gradient(self) -> Array:
        """The derivative of the average in each of the shared leaves."""
        if self._program._single:
            found: Array = self._gradient_of(0)
            return found
        return self._of_outputs([self._gradient_of(o) for o in self._each_output()], axis=0)

    @property
    def input_gradients(self) -> Array:
        """The derivative of each sample's output in its inputs."""
        return self._slopes(INPUTS)

    @property
    def sample_gradients(self) -> Array:
        """The derivative of each sample's output in the shared leaves."""
        return self._slopes(SAMPLES)

    def _each_output(self) -> range:
        return range(len(self._program.outputs))

    def _gradient_of(self, output: int) -> Any:
        if output not in self._gradients:
            found = self._program._run(AVERAGE, self._X, self._numbers, output)
            self._gradients[output] = found.gradient
            self._values = found.values
            self._total = found.total
        return self._gradients[output]

    def _slopes(self, purpose: str) -> Array:
        each = [
            self._program._run(purpose, self._X, self._numbers, o).slopes
            for o in self._each_output()
        ]
        return self._of_outputs(each, axis=1)

    def _of_outputs(self, each: Sequence[Any], axis: int) -> Array:
        import numpy

        found: Array = each[0] if self._program._single else numpy.stack(each, axis=axis)
        return found


def _sum(values: Any) -> float:
    import numpy

    with numpy.errstate(all="ignore"):
        return float(values.sum())


def _seed(purpose: str, X: Any) -> float:
    """Return the adjoint of an output of each sample: its share in the average, or 1."""
    return 1 / len(X) if purpose == AVERAGE else 1.0


def _padded(gradient: Any, like: Any) -> Any:
    return gradient if len(gradient) == len(like) else 0.0


def _turned_away(way: Way, turned: Any) -> BranchError:
    """Return the error that says which comparison came out otherwise, and for which samples."""
    sample = int(turned.any(axis=0).argmax())
    number = int(turned[:, sample].argmax())
    guard, flips = way.guards[number], int(turned[number].sum())
    x, y = (o.label or f"{o.data:.4g}" for o in guard.operands)
    return BranchError(
        f"Program: {x} {guard.rule.symbol} {y} was {guard!r} when it was recorded "
        f"({guard.source}), and is {not guard} in {flips} of {turned.shape[1]} sample(s), first in "
        f"{sample}: a Python `if` is no part of a graph; write where(condition, a, b), or give the "
        'function itself and on_branch="record"'
    )


def _floats(name: str, x: Any, like: Any) -> Any:
    """Return an array of floats; `NumberError` for what is not made of real numbers."""
    if type(x) is type(like) and x.dtype is like.dtype:
        return x
    import numpy

    try:
        array = numpy.asarray(x)
    except ValueError as error:  # ragged
        raise UsageError(f"Program: {name} is no array ({error})") from None
    if array.dtype.kind not in "biuf":
        raise NumberError(f"Program: {name} is an array of {array.dtype}; give real numbers")
    return array.astype(float)


def _threads(threads: int | None) -> int:
    if threads is None:
        return cores()
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise UsageError(f"Program: threads={threads!r}; give a whole number from 1 on")
    return threads


def _leaves(name: str, leaves: Any) -> list[Value]:
    found = (
        list(leaves) if isinstance(leaves, Sequence) and not isinstance(leaves, str) else [leaves]
    )
    for leaf in found:
        if not isinstance(leaf, Value) or leaf.parents:
            raise UsageError(f"Program: {name}: {shown(leaf)} is not a leaf; give leaves alone")
    if len(set(found)) < len(found):
        raise UsageError(f"Program: {name}: a leaf is given twice; give each once")
    return found


def _outputs(recorded: Any) -> list[Value]:
    found = list(recorded) if isinstance(recorded, list | tuple) else [recorded]
    for output in found:
        if not isinstance(output, Value):
            raise UsageError(f"Program: {shown(output)} is not a Value; give what you computed")
    if not found:
        raise UsageError("Program: no outputs; give one Value at least")
    return found
