"""torch's own sample inputs, on both engines: `python -m tests.minigrad.opinfo [NAME ...]` prints what differs.

What may live here: reading torch's database of ops (`torch.testing._internal`, which needs the package expecttest),
running every form of an op on its samples, telling the differences. The import alone takes half a minute on a cold
machine and all of it many, so that this is a command; what it finds goes to the tests and the corpus.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

import minigrad
from tests.minigrad.samples import Held, LackingError, held, made, pair
from tests.minigrad.side_by_side import every_warning, without_origin

LEFT_OUT = {
    "jiterator.*|.*_(?:flash|efficient)_attention.*|torch\\._scaled_mm.*": "about other devices",
    "sparse.*|to_sparse": "about other layouts",
    "masked\\..*": "written in Python over ops that are looked at for themselves",
    "triu|tril|lu_unpack": "torch's triu of batches writes past a turned output, which may end the process",
    "empty.*|new_empty.*": "gives what happens to be in memory",
}
"""Names that are not looked at, as patterns, and why; names that minigrad lacks are told of as such."""
ROUNDED = {"float64": 1e-10, "complex128": 1e-10, "float32": 1e-4, "complex64": 1e-4, "float16": 4e-3}
FORMS = ("function", "method", "in place", "out", "gradients", "tangents")


# -- what is compared -----------------------------------------------------------------------------------


def tensors(engine: Any, value: Any) -> Iterator[Any]:
    if isinstance(value, engine.Tensor):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from tensors(engine, one)


def name_of(text: str) -> str:
    return without_origin(text.replace("minigrad", "torch").replace("torch::autograd::", ""))


def facts(engine: Any, value: Any, given: Any) -> Any:
    """What there is to know of a result; `given`: the operands."""
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *(facts(engine, one, given) for one in value)]
    if not isinstance(value, engine.Tensor):
        return name_of(repr(value))
    operands, node = list(tensors(engine, given)), value.grad_fn
    behind = [(None if one is None else name_of(one.name()), at) for one, at in (node.next_functions if node else ())]
    plain = value.detach().resolve_conj().resolve_neg()
    array = np.zeros(tuple(value.shape)) if value._is_zerotensor() else plain.clone().numpy()
    return {
        "dtype": name_of(str(value.dtype)), "shape": tuple(value.shape), "strides": tuple(value.stride()),
        "offset": value.storage_offset(), "requires grad": value.requires_grad, "version": value._version,
        "node": node and name_of(node.name()), "edges": behind, "conj": value.is_conj(), "neg": value.is_neg(),
        "zero": value._is_zerotensor(), "view": value._is_view(), "operand": [one is value for one in operands],
        "base": [one is value._base for one in operands], "elements": array,
    }  # fmt: skip


def apart(theirs: Any, mine: Any) -> str:
    """How two arrays differ, if they do."""
    if theirs.dtype.kind in "biu" or theirs.shape != mine.shape or theirs.dtype != mine.dtype:
        return "" if np.array_equal(theirs, mine) else "other elements"
    with np.errstate(all="ignore"):
        for kind in np.isnan, np.isposinf, np.isneginf:
            if any((kind(getattr(theirs, part)) != kind(getattr(mine, part))).any() for part in ("real", "imag")):
                return "elements that are no numbers"
        finite = np.isfinite(theirs)
        far, size = np.abs(theirs - mine)[finite], np.abs(theirs)[finite]
        bound = ROUNDED[theirs.dtype.name] * (size + 1e-3 * size.max(initial=0.0) + 1e-12)
    return f"elements differ by {far.max():.1e} of {size.max():.1e}" if (far > bound).any() else ""


def differences(theirs: Any, mine: Any, where: str = "") -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(mine, dict):
        for name, fact in theirs.items():
            if name == "elements":
                how = apart(fact, mine[name])
                if how:
                    yield f"{where}{how}"
            elif fact != mine[name]:
                yield f"{where}{name}: torch {fact}, minigrad {mine[name]}"
    elif isinstance(theirs, list) and isinstance(mine, list) and theirs[0] == mine[0] and len(theirs) == len(mine):
        for at, (one, other) in enumerate(zip(theirs[1:], mine[1:], strict=True)):
            yield from differences(one, other, f"{where}[{at}] ")
    elif type(theirs) is not type(mine) or theirs != mine:
        yield f"{where}torch {str(theirs)[:300]}, minigrad {str(mine)[:300]}"


def outcome(engine: Any, run: Callable[[], Any]) -> tuple[Any, list[str]]:
    """What is given and what is said: the error, if any, and the warnings."""
    engine.manual_seed(0)
    value, said = None, []
    with every_warning(engine), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = run()
        except LackingError:
            raise
        except Exception as error:
            text = re.split(r"\n(?:Exception raised from|C\+\+ CapturedTraceback)", str(error))[0]
            said = [f"{type(error).__name__}: {text}"]
    said += [f"{one.category.__name__}: {one.message}" for one in caught if "torch.jit" not in str(one.message)]
    return value, [name_of(text) for text in said]

# -- the forms of an op ---------------------------------------------------------------------------------


class Comparison:
    """One sample on both engines; `found` has the differences by the form of the call."""

    def __init__(self, sample: tuple[Any, Any, Any]) -> None:
        self.sample, self.found = sample, dict[str, list[str]]()

    def both(self, form: str, run: Callable[[Any, Any], Any], asking: bool = True, more: Any = ()) -> Any:
        """What `run(engine, operands)` gives on both engines, if it gives something on both."""
        made_of, values, said, told = {}, {}, {}, {}
        for engine in (torch, minigrad):
            operands = made_of[engine] = made(engine, (*self.sample, more), {}, asking)
            values[engine], said[engine] = outcome(engine, lambda: run(engine, operands))  # noqa: B023
            told[engine] = facts(engine, values[engine], operands)
        self.note(form, said, told)
        return (values, made_of) if all(values[engine] is not None for engine in values) else None

    def note(self, form: str, said: dict[Any, list[str]], told: dict[Any, Any]) -> None:
        here = self.found.setdefault(form, [])
        if said[torch] != said[minigrad]:
            here.append(f"torch says {said[torch]}, minigrad {said[minigrad]}")
        here += differences(told[torch], told[minigrad])

    def gradients(
        self, values: dict[Any, Any], operands: dict[Any, Any], form: str = "gradients", times: int = 2
    ) -> None:
        """First and second gradients along fixed directions."""
        given, said, told = {}, {}, {}
        for engine in (torch, minigrad):
            leaves = list({id(t): t for t in tensors(engine, operands[engine]) if t.requires_grad}.values())
            outs = [t for t in tensors(engine, values[engine]) if t.requires_grad]
            if not outs or not leaves:
                return
            along = [direction(engine, one, at) for at, one in enumerate(outs)]
            given[engine], said[engine] = outcome(
                engine,
                lambda: engine.autograd.grad(outs, leaves, along, create_graph=times > 1, allow_unused=True),  # noqa: B023
            )
            told[engine] = facts(engine, given[engine], ())
        self.note(form, said, told)
        if times > 1 and not self.found[form]:
            self.gradients(given, operands, "second gradients", times - 1)

    def tangents(self, run: Callable[[Any, Any], Any]) -> None:
        """Tangents of operands that require grad, along fixed directions."""

        def forward(engine: Any, operands: Any) -> Any:
            seen: dict[int, Any] = {}

            def dual(value: Any) -> Any:
                if isinstance(value, engine.Tensor) and value.requires_grad:
                    if id(value) not in seen:
                        plain, along = value.detach(), direction(engine, value, len(seen))
                        seen[id(value)] = engine.autograd.forward_ad.make_dual(plain, along)
                    return seen[id(value)]
                if isinstance(value, (tuple, list)):
                    return type(value)(map(dual, value))
                return {name: dual(one) for name, one in value.items()} if isinstance(value, dict) else value

            with engine.autograd.forward_ad.dual_level():
                given = run(engine, dual(operands))
                return [engine.autograd.forward_ad.unpack_dual(one).tangent for one in tensors(engine, given)]

        self.both("tangents", forward)


def direction(engine: Any, like: Any, seed: int) -> Any:
    numbers = np.random.default_rng(seed)
    array = numbers.standard_normal(tuple(like.shape)) + 1j * numbers.standard_normal(tuple(like.shape))
    made_of = engine.from_numpy(np.asarray(array if like.is_complex() else array.real)).to(like.dtype)
    return made_of.clone(memory_format=engine.contiguous_format) if array.size else engine.zeros_like(like)


def compared(op: Any, sample: Any, forms: tuple[str, ...] = FORMS) -> dict[str, list[str]]:
    """The differences of an op on a sample by the form of the call; raises LackingError."""
    seen: dict[Any, Any] = {}
    one = Comparison((held(sample.input, seen), held(sample.args, seen), held(sample.kwargs, seen)))
    functions = pair(op.op, op.name)

    def run(engine: Any, operands: Any) -> Any:
        return functions[engine](operands[0], *operands[1], **operands[2])

    given = one.both("function", run)
    if given is not None and "gradients" in forms:
        one.gradients(*given)
    for form, variant in ("method", op.method_variant), ("in place", op.inplace_variant):
        name = getattr(variant, "__name__", "")
        if form in forms and isinstance(one.sample[0], Held) and variant is getattr(torch.Tensor, name, 0):
            variants = pair(variant)

            def call(engine: Any, operands: Any, variants: Any = variants, written: bool = form == "in place") -> Any:
                own = operands[0].clone() if written and operands[0].requires_grad else operands[0]
                return [variants[engine](own, *operands[1], **operands[2]), own]

            written = one.both(form, call)
            if written is not None and "gradients" in forms:
                one.gradients(*written, f"gradients {form}", 1)
    if "out" in forms and given is not None and op.supports_out and "out" not in sample.kwargs:
        _outputs(one, functions, given[0][torch])
    if "tangents" in forms and any(t.requires_grad for t in tensors(torch, given[1][torch] if given else ())):
        one.tangents(run)
    return {form: told for form, told in one.found.items() if told}


def _outputs(one: Comparison, functions: Any, given: Any) -> None:
    """Into outputs without elements, turned ones, ones of another dtype and of another size."""
    results = list(tensors(torch, given))
    for kind in ("empty", "turned", "of another dtype", "of another size"):
        outs = []
        for result in results:
            whole = result.dtype not in (torch.int32, torch.int64)
            dtype = (torch.int32 if whole else torch.bool) if kind == "of another dtype" else result.dtype
            shape = {"empty": (0,), "of another size": (3, *result.shape)}.get(kind, tuple(result.shape))
            room = torch.zeros(shape[::-1] if kind == "turned" else shape, dtype=dtype)
            outs.append(held(room.permute(tuple(range(room.dim()))[::-1]) if kind == "turned" else room, {}))

        def run(engine: Any, operands: Any) -> Any:
            out = operands[3] if len(operands[3]) > 1 or not isinstance(given, torch.Tensor) else operands[3][0]
            return [functions[engine](operands[0], *operands[1], **operands[2], out=out), out]

        one.both(f"out {kind}", run, asking=False, more=tuple(outs))


# -- the command ----------------------------------------------------------------------------------------


def samples(op: Any, dtype: Any, count: int, errors: bool) -> list[Any]:
    """Some samples of an op spread over all that there are, or all that it must refuse."""
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    if errors:
        return [] if op.error_inputs_func is None else [one.sample_input for one in op.error_inputs("cpu")]
    differentiable = dtype.is_floating_point or dtype.is_complex
    every = list(op.sample_inputs("cpu", dtype, requires_grad=differentiable and op.supports_autograd))
    return [every[at] for at in sorted({int(x) for x in np.linspace(0, len(every) - 1, min(count, len(every)))})]


def report(op: Any, dtype: Any, count: int, errors: bool) -> Iterator[str]:
    forms = ("method", "in place") if errors else FORMS
    for at, sample in enumerate(samples(op, dtype, count, errors)):
        try:
            for form, told in compared(op, sample, forms).items():
                for one in told:
                    yield f"{op.name} {op.variant_test_name} {at} {form}: {one}"
        except LackingError as lacking:
            yield f"{op.name} {op.variant_test_name} {at} lacks {lacking}"


def in_a_child(run: Callable[[], Iterator[str]], seconds: int) -> str:
    """What `run` yields, or how it ended, in a process of its own: some samples end theirs."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(seconds)
        with os.fdopen(write, "w") as out:
            for line in run():
                print(line, file=out, flush=True)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as lines:
        text = lines.read()
    _, status = os.waitpid(child, 0)
    return text + (f"ended by {status}\n" if status else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="ops as torch's database calls them, all by default")
    parser.add_argument("--dtype", default="float64")
    parser.add_argument("--samples", type=int, default=3, help="of each op")
    parser.add_argument("--errors", action="store_true", help="what must be refused instead")
    given = parser.parse_args()
    from torch.testing._internal.common_methods_invocations import op_db

    dtype, counted = getattr(torch, given.dtype), dict.fromkeys(("alike", "differing"), 0)
    for op in op_db:
        if given.names and op.name not in given.names:
            continue
        name = op.name.removeprefix("torch.ops.aten.")
        reason = next((why for pattern, why in LEFT_OUT.items() if re.fullmatch(pattern, name)), "")
        if not (reason or given.errors or dtype in op.dtypes):
            reason = f"has no samples of {given.dtype}"
        text = "" if reason else in_a_child(lambda: report(op, dtype, given.samples, given.errors), 300)  # noqa: B023
        print(f"{op.name} is left out: {reason}\n" if reason else text, end="", flush=True)
        counted["differing" if text else "alike"] += not reason
    print(counted)


if __name__ == "__main__":
    main()
