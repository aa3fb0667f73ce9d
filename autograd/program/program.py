"""`Program`: a recorded graph, replayed over batches of samples at compiled speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, Never, TypeAlias

from autograd.errors import UsageError
from autograd.graph import leaves_as_written
from autograd.number import shown
from autograd.program import given
from autograd.program.alarm import warn_of_slopes
from autograd.program.backends import backend_named, cores
from autograd.program.results import Results
from autograd.program.run import Run
from autograd.program.samples import merged
from autograd.program.way import AVERAGE, Numbers, Way
from autograd.program.ways import Ways
from autograd.recording import Recording, watched
from autograd.source import asked_by, source_line
from autograd.tools.optional import optional
from autograd.value import Value

if TYPE_CHECKING:
    from numpy import ndarray

    Array: TypeAlias = ndarray[Any, Any]

__all__ = ["Program", "Run"]

ALARMS = 10
"""For how many batches with an infinite slope the one to blame is looked for, which takes long."""

Outputs: TypeAlias = "Value | Sequence[Value] | Callable[..., Value | Sequence[Value]]"


class Program:
    """A recorded graph, to be replayed over many samples: values, averages and gradients.

    - `outputs`: a recorded Value, or a list of them, or a function of the varying leaves that
      returns either;
    - `varying`: the leaves that have a number of their own in every sample;
    - `shared`: the leaves that have one number for all samples, and whose gradients are wanted;
      by default every other leaf with a label. One that takes no part has the gradient 0. What is
      neither is a constant;
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
    value is NaN, as in every replay on arrays. Warns of infinite slopes as `Value.backward` does.

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
        self.threads = given.thread_count(threads, cores())
        self.varying = given.leaves("varying", varying)
        function = outputs if callable(outputs) and not isinstance(outputs, Value) else None
        if on_branch not in ("raise", "record"):
            raise UsageError(f"Program: on_branch={on_branch!r}; choose from raise, record")
        if on_branch == "record" and not function:
            raise UsageError(
                'Program: on_branch="record" records the function again; give the function of the '
                "varying leaves instead of what it returned"
            )
        with Recording(True):
            recorded = function(*self.varying) if function else outputs
        self._is_single = isinstance(recorded, Value)
        self.outputs = given.outputs(recorded)
        self.shared = self._shared(shared, bool(function))
        self._columns, self._parameters = (len(self.varying),), (len(self.shared),)
        self._alarms = ALARMS
        again = function if on_branch == "record" else None
        self._ways = Ways(self.outputs, self.varying, self.shared, self._way, again)

    def __call__(self, X: Any, theta: Any = None) -> Run:
        """Return what the outputs are for the samples in the rows of X, and their derivatives."""
        X = self._batch(X)
        numbers = self._theta(theta), self._ways.others()
        seeded = 0 if self._is_single and self.shared else None
        found = self._ways.run(AVERAGE, X, numbers, seeded)
        if not isfinite(found.finite) and self._alarms:
            self._alarms -= 1
            leaves = [*self.varying, *self.shared]
            half = partial(self._again, numbers=numbers, purpose=AVERAGE, output=0)
            warn_of_slopes(self.outputs[0], leaves, X, numbers, half)
        again = partial(self._again, X.copy(), (numbers[0].copy(), numbers[1]))
        return Run(found, again, len(X), self._is_single)

    def _again(self, X: Any, numbers: Numbers, purpose: str, output: int) -> Results:
        return self._ways.run(purpose, X, numbers, output)

    def values(self, X: Any, theta: Any = None) -> Array:
        """Return what the outputs are for the samples in the rows of X, and no derivatives.

        >>> x = Value(2.0, "x")
        >>> Program(x * x, varying=[x]).values([[1.0], [3.0]]).tolist()
        [1.0, 9.0]
        """
        numbers = self._theta(theta), self._ways.others()
        found = self._ways.run(AVERAGE, self._batch(X), numbers, None).values
        values: Array = found[0] if self._is_single else found.T
        return values

    def as_jax(self) -> Callable[[Any, Any], Any]:
        """Return the average of the output as a function of JAX, of (theta, X).

        It can be compiled (``jax.jit``), differentiated (``jax.value_and_grad``: by the rules of
        the table) and run where JAX runs: on a GPU, or on many machines, each with its shard of X.
        Numbers have the precision of what it is given; what varies in ``theta`` and X alone, and
        the other leaves keep the numbers that they have now.

        Raises `UsageError` for several outputs, where JAX is not installed, and where a Python
        ``if`` decided something, which JAX cannot ask again.

        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> average = Program((w * x) ** 2, varying=[x]).as_jax()
        >>> float(average([3.0], [[1.0], [2.0]]))  # doctest: +SKIP
        22.5
        """
        from autograd.program.blocks import Blocks
        from autograd.program.jax import as_jax

        if not self._is_single:
            raise UsageError("as_jax: a list of outputs has no one average; make a program of one")
        self._ways.refuse_guards("as_jax")
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
        are not the same for all; several structures are told apart by indicators of 1 and 0.
        `shared` leaves are those of `Program`; `inputs`
        are leaves that stand for numbers of every sample, and have the first columns. `options`
        are those of `Program`.

        >>> w = Value(3.0, "w")
        >>> losses = [(w * x - y) ** 2 for x, y in [(1.0, 2.0), (2.0, 7.0)]]
        >>> program, X = Program.of_samples(losses, [w])
        >>> X.tolist(), program(X).values.tolist(), program(X).gradient.tolist()
        ([[1.0, 2.0], [2.0, 7.0]], [1.0, 1.0], [-1.0])
        """
        numpy = optional("numpy", "Program", "arrays")
        for output in given.outputs(list(outputs)):
            if not output.parents:
                raise UsageError(f"Program: {shown(output)} was not computed; give recorded Values")
        made = merged(outputs, given.leaves("shared", shared), given.leaves("inputs", inputs))
        program = Program(made.output, made.varying, shared, **options)
        return program, numpy.array(made.rows, float).reshape(len(outputs), len(made.varying))

    @staticmethod
    def recorded(
        function: Callable[[], Any], leaves: Sequence[Value], trusted: str = ""
    ) -> tuple[Any, list[str]]:
        """Call a function that records a graph; return its result and where it looked at numbers.

        That is every line of source at which it asked for the ``data`` of a leaf among `leaves`, or
        of a result: what it did with that is no part of the graph. What a `trusted` module looks at
        decides nothing.

        >>> w = Value(3.0, "w")
        >>> _, lines = Program.recorded(lambda: w * abs(w.data), [w])
        >>> len(lines)
        1
        """
        lines: dict[str, None] = {}
        known = set(leaves)

        def look(value: Value) -> None:
            if (value.parents or value in known) and not asked_by(trusted):
                lines[source_line()] = None

        with Recording(True), watched(look):
            return function(), list(lines)

    def __reduce__(self) -> Never:
        raise UsageError(
            "a Program is no more than its graph, prepared for this process; copy or pickle the "
            "outputs, and make a Program of them there"
        )

    def __repr__(self) -> str:
        return (
            f"Program of {len(self.outputs)} output(s), {len(self.varying)} varying and "
            f"{len(self.shared)} shared leaves; {self.backend}"
        )

    def _shared(self, shared: Sequence[Value] | None, is_function: bool) -> list[Value]:
        """Return the shared leaves; `UsageError` for what is none."""
        leaves = leaves_as_written(*self.outputs)
        known, varying = set(leaves), set(self.varying)
        if shared is None:
            shared = [leaf for leaf in leaves if leaf.label and leaf not in varying]
        shared = given.leaves("shared", shared)
        for leaf in shared:
            if leaf in varying:
                raise UsageError(f"Program: {shown(leaf)} is both varying and shared; choose one")
        for leaf in self.varying:
            if leaf not in known and not is_function:
                raise UsageError(
                    f"Program: the output does not depend on {shown(leaf)}; leave it out"
                )
        return shared

    def _way(self, outputs: Sequence[Value], varying: Sequence[Value]) -> Way:
        return Way(outputs, varying, self.shared, self.backend, self.threads)

    def _batch(self, X: Any) -> Any:
        """Return a batch as an array of floats, a row for each sample."""
        X = given.floats("X", X, self._like)
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
        theta = given.floats("theta", theta, self._like)
        if theta.shape != self._parameters:
            raise UsageError(
                f"Program: theta of shape {theta.shape}; give one number for each of the "
                f"{len(self.shared)} leaves in program.shared"
            )
        return theta
