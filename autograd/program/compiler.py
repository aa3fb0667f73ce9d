"""LLVM: from the text of a function to its address, by way of a file that is kept."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from threading import RLock
from time import monotonic
from typing import Any

from autograd.program.assembler import (
    DOUBLE,
    I32,
    I64,
    LANES,
    LIBRARY,
    POINTER,
    VOID,
    Assembler,
    ir,
)
from autograd.program.blocks import Block
from autograd.program.cache import Cache
from autograd.program.kernels import PARAMETERS, backward, forward
from autograd.tools.optional import optional

__all__ = ["PLAN", "kernels", "runner"]

llvm = optional("llvmlite.binding", "Program", "fast")

WIDE = 32  # numbers computed at once where there are 32 registers of 8
FORMAT = 1  # to be raised when the same text is compiled in another way
SLOW = 1.0  # seconds after which a compilation says what it does


class _Compiler:
    """The functions compiled so far, by a hash of their text, of the processor and of LLVM."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        for name in {*LIBRARY.values(), "memcpy", "memset"}:
            llvm.add_symbol(name, _address_in_c(name))
        processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        # without these two, constants of the second function on are read from the wrong place
        how = {"reloc": "static", "codemodel": "large"}
        versions = version("llvmlite"), llvm.llvm_version_info, FORMAT
        self.host = f"{processor} {versions} {how}"
        target = llvm.Target.from_default_triple()
        self.machine = target.create_target_machine(*processor, 3, **how)
        self.engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self.machine)
        has_long_registers = "+avx512f" in processor[1]
        self.wide = WIDE if has_long_registers else LANES
        self.cache = Cache()
        self.addresses: dict[str, int] = {}
        self.turn = RLock()

    def address(self, text: str) -> int:
        """Return the address of the function called ``kernel`` in a module of LLVM."""
        name = "k" + hashlib.sha256((self.host + text).encode()).hexdigest()[:40]
        with self.turn:
            if name not in self.addresses:
                code = self.cache.find(name)
                if code is None:
                    code = self._compile(text.replace('@"kernel"', f'@"{name}"'))
                    self.cache.keep(name, code)
                self.engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
                self.engine.finalize_object()
                self.addresses[name] = self.engine.get_function_address(name)
            return self.addresses[name]

    def _compile(self, text: str) -> bytes:
        module = llvm.parse_assembly(text)
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        options.loop_vectorization = options.slp_vectorization = False  # they are written
        passes = llvm.create_pass_builder(self.machine, options)
        passes.getModulePassManager().run(module, passes)
        code: bytes = self.machine.emit_object(module)
        return code


def _address_in_c(name: str) -> int:
    """Return where a function of C's library is."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def _compiler() -> _Compiler:
    return _Compiler()


@cache
def _kernel(write: Callable[..., str], *arguments: Any) -> int:
    return _compiler().address(write(*arguments))


def kernels(blocks: Sequence[Block], careful: bool | None = None) -> list[int]:
    """Return the addresses of kernels: forward ones, or with `careful` chosen backward ones.

    Says what it does if that takes long.
    """
    found, start, said = [], monotonic(), False
    for block in blocks:
        if careful is None:
            found.append(_kernel(forward, block.kind, _compiler().wide))
        else:
            found.append(_kernel(backward, block.kind, _compiler().wide, careful))
        if not said and monotonic() - start > SLOW:
            said = True
            sys.stderr.write("autograd: compiling a program, once; it is kept for the next time\n")
    return found


PLAN = [
    "blocks", "first", "middle", "last", "V", "A", "S", "B", "leaves", "width", "X", "inputs",
    "samples", "rows", "outputs", "values", "seed", "seeded", "slopes", "chunk", "chunks",
    "summary", "summed", "shared",
]  # fmt: skip
"""What a plan says, each an integer or an address; `seed` is the bits of a number."""


@cache
def runner() -> Callable[[int], None]:
    """Return the function that carries out the plan at an address."""
    run = _Runner().written()
    carry_out: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(
        _compiler().address(run)
    )
    return carry_out


class _Runner(Assembler):
    """Writes what carries out a plan.

    It calls the kernels of the blocks up to `first`; then for each chunk of samples those up to
    `middle`; and then those up to `last`. Samples are rows of `X`, and go into the first rows of
    `V`; the numbers of the output rows come out in `values`, and the adjoints of the inputs, if
    they are asked for, in the rows of `slopes`. If there is a seed, it is the adjoint of row
    `seeded`; `summary` is the sum of its numbers, which lie at `summed`, and another sum of all
    that has to be finite.
    """

    def __init__(self) -> None:
        super().__init__([POINTER])
        plan = self.function.args[0]
        self.n = {name: self.load(self.at(plan, i, I64), I64) for i, name in enumerate(PLAN)}
        self.p = {name: self.b.inttoptr(n, POINTER) for name, n in self.n.items()}
        three = [POINTER, POINTER, I64], [POINTER, I32, I64]
        self.memcpy, self.memset = (
            ir.Function(self.module, ir.FunctionType(POINTER, kinds), name)
            for name, kinds in zip(("memcpy", "memset"), three, strict=True)
        )

    def written(self) -> str:
        """Write the whole function."""
        n, b = self.n, self.b
        with self.is_given("leaves"):
            b.call(self.memset, [self.p["B"], I32(0), b.mul(n["leaves"], I64(8))])
        self.call(I64(0), n["first"])
        with self.loop(n["chunks"], start=n["chunk"]) as chunk:
            self.compute(b.mul(chunk, n["width"]))
        self.call(n["middle"], n["last"])
        with self.is_given("summary"):
            self.summarize()
        b.ret_void()
        return str(self)

    def is_given(self, name: str) -> Any:
        """Write what is done only if a plan says something."""
        return self.b.if_then(self.b.icmp_signed("!=", self.n[name], I64(0)))

    def call(self, begin: Any, end: Any) -> None:
        """Write calls of the kernels of some blocks."""
        b, kernel = self.b, ir.PointerType(ir.FunctionType(VOID, PARAMETERS))
        tables = [self.p[name] for name in ("V", "A", "S", "B")]
        with self.loop(end, start=begin) as i:
            block = self.load(self.at(self.p["blocks"], i, POINTER), POINTER)
            b.call(self.load(block, kernel), [block, *tables, self.n["width"]])

    def compute(self, here: Any) -> None:
        """Write the computation of the samples from number `here` on, as many as there is width."""
        n, p, b = self.n, self.p, self.b
        end = b.sub(n["samples"], here)
        count = b.select(b.icmp_signed("<", end, n["width"]), end, n["width"])
        self.enter(here, count)
        with self.is_given("seed"):
            self.sow(count)
        self.call(n["first"], n["middle"])
        with self.loop(n["outputs"]) as o:
            row = b.mul(self.load(self.at(p["rows"], o, I64), I64), n["width"])
            to = b.add(b.mul(o, n["samples"]), here)
            size = b.mul(count, I64(8))
            b.call(self.memcpy, [self.at(p["values"], to), self.at(p["V"], row), size])
        with self.is_given("slopes"):
            self.leave(here, count)

    def enter(self, here: Any, count: Any) -> None:
        """Write the copying of samples, of which the last one fills what is left of the width."""
        n, p, b = self.n, self.p, self.b
        last = b.sub(count, I64(1))
        with self.loop(n["width"]) as s:
            sample = b.add(here, b.select(b.icmp_signed("<", s, last), s, last))
            row = b.mul(sample, n["inputs"])
            with self.loop(n["inputs"]) as i:
                x = self.load(self.at(p["X"], b.add(row, i)))
                self.store(x, self.at(p["V"], b.add(b.mul(i, n["width"]), s)))

    def sow(self, count: Any) -> None:
        """Write the adjoint of an output: the seed, and 0 for what fills the width."""
        n, p, b = self.n, self.p, self.b
        row, seed = b.mul(n["seeded"], n["width"]), b.bitcast(n["seed"], DOUBLE)
        with self.loop(n["width"]) as s:
            is_sample = b.icmp_signed("<", s, count)
            x = b.select(is_sample, seed, DOUBLE(0.0))
            self.store(x, self.at(p["A"], b.add(row, s)))

    def leave(self, here: Any, count: Any) -> None:
        """Write the copying of the inputs' adjoints, which are 0 afterwards."""
        n, p, b = self.n, self.p, self.b
        with self.loop(count) as s:
            row = b.mul(b.add(here, s), n["inputs"])
            with self.loop(n["inputs"]) as i:
                x = self.load(self.at(p["A"], b.add(b.mul(i, n["width"]), s)))
                self.store(x, self.at(p["slopes"], b.add(row, i)))
        size = b.mul(b.mul(n["inputs"], n["width"]), I64(8))
        b.call(self.memset, [p["A"], I32(0), size])

    def summarize(self) -> None:
        """Write the sum of an output, and the sum of what has to be finite."""
        n, p, b = self.n, self.p, self.b
        values, total = self.sum(p["summed"], n["samples"]), self.variable(0.0)
        self.store(values, p["summary"])
        self.store(b.fadd(values, self.sum(p["B"], n["shared"])), total)
        with self.is_given("slopes"):
            size = b.mul(n["inputs"], n["samples"])
            self.store(b.fadd(self.load(total), self.sum(p["slopes"], size)), total)
        self.store(self.load(total), self.at(p["summary"], 1))

    def sum(self, address: Any, count: Any) -> Any:
        """Return the sum of some numbers that follow each other."""
        b, whole = self.b, self.b.and_(count, I64(-LANES))
        self.lanes = LANES
        wide = self.variable(0.0)
        with self.loop(whole, LANES) as i:
            self.store(b.fadd(self.load(wide), self.load(self.at(address, i))), wide)
        [found] = self.across([self.load(wide)])
        self.lanes = 1
        total = self.variable(0.0)
        self.store(found, total)
        with self.loop(count, start=whole) as i:
            self.store(b.fadd(self.load(total), self.load(self.at(address, i))), total)
        return self.load(total)
