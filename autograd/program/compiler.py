"""LLVM: from the text of a function to its address, by way of a file that is kept."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from threading import RLock
from time import monotonic
from typing import Any

import llvmlite
import llvmlite.binding as llvm
from llvmlite import ir

from autograd.program.assembler import I32, I64, LIBRARY, POINTER, VOID, Assembler
from autograd.program.blocks import Block
from autograd.program.cache import Cache
from autograd.program.kernels import PARAMETERS, backward, forward

__all__ = ["PLAN", "kernels", "runner"]

SLOW = 1.0  # seconds after which a compilation says what it does


class _Compiler:
    """The functions compiled so far, by a hash of their text, of the processor and of LLVM."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        for name in {*LIBRARY.values(), "memcpy", "memset"}:
            llvm.add_symbol(name, _address_in_c(name))
        processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        self.host = f"{processor} {llvmlite.__version__} {llvm.llvm_version_info}"
        # without these two, constants of the second function on are read from the wrong place
        how = {"reloc": "static", "codemodel": "large"}
        target = llvm.Target.from_default_triple()
        self.machine = target.create_target_machine(*processor, 3, **how)
        self.engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self.machine)
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
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
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
            found.append(_kernel(forward, block.kind))
        else:
            found.append(_kernel(backward, block.kind, careful))
        if not said and monotonic() - start > SLOW:
            said = True
            sys.stderr.write("autograd: compiling a program, once; it is kept for the next time\n")
    return found


PLAN = [
    "blocks", "first", "middle", "last", "V", "A", "S", "B", "samples", "X", "inputs", "rows",
    "outputs", "values", "stride", "seeds", "seeded", "slopes", "chunk", "chunks",
]  # fmt: skip
"""What a plan says, each an integer or an address."""


@cache
def runner() -> Callable[[int], None]:
    """Return the function that carries out the plan at an address.

    It calls the kernels of the blocks up to `first`; then for each chunk of samples those up to
    `middle`, with the samples' numbers from `X`, the numbers of the output rows into `values`, and
    if there are seeds, these into the adjoints of row `seeded`, and the adjoints of the inputs
    into `slopes`; then those up to `last`.
    """
    f = Assembler([POINTER], vectors=False)
    b, kernel = f.b, ir.PointerType(ir.FunctionType(VOID, PARAMETERS))
    number = {name: f.load(f.at(f.function.args[0], i, I64), I64) for i, name in enumerate(PLAN)}
    pointer = {name: b.inttoptr(n, POINTER) for name, n in number.items()}
    samples, tables = number["samples"], [pointer[name] for name in ("V", "A", "S", "B")]
    memcpy = ir.Function(f.module, ir.FunctionType(POINTER, [POINTER, POINTER, I64]), "memcpy")
    memset = ir.Function(f.module, ir.FunctionType(POINTER, [POINTER, I32, I64]), "memset")

    def run(begin: Any, end: Any) -> None:
        with f.loop(b.sub(end, begin)) as i:
            block = f.load(f.at(pointer["blocks"], b.add(begin, i), POINTER), POINTER)
            b.call(f.load(block, kernel), [block, *tables, samples])

    def is_given(name: str) -> Any:
        return b.if_then(b.icmp_signed("!=", number[name], I64(0)))

    run(I64(0), number["first"])
    width = b.mul(samples, I64(8))
    size = b.mul(width, number["inputs"])
    with f.loop(b.sub(number["chunks"], number["chunk"])) as i:
        here = b.mul(b.add(number["chunk"], i), samples)
        there = b.mul(here, number["inputs"])
        b.call(memcpy, [pointer["V"], f.at(pointer["X"], there), size])
        with is_given("seeds"):
            row = f.at(pointer["A"], b.mul(number["seeded"], samples))
            b.call(memcpy, [row, f.at(pointer["seeds"], here), width])
        run(number["first"], number["middle"])
        with f.loop(number["outputs"]) as o:
            row = b.mul(f.load(f.at(pointer["rows"], o, I64), I64), samples)
            to = b.add(b.mul(o, number["stride"]), here)
            b.call(memcpy, [f.at(pointer["values"], to), f.at(pointer["V"], row), width])
        with is_given("slopes"):
            b.call(memcpy, [f.at(pointer["slopes"], there), pointer["A"], size])
            b.call(memset, [pointer["A"], I32(0), size])
    run(number["middle"], number["last"])
    b.ret_void()
    address = _compiler().address(str(f))
    run_plan: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)
    return run_plan
