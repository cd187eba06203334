"""What an expression gives on torch and on minigrad: values, graph, layout, gradients twice, errors.

What may live here: the operands that expressions may name, and reading results as plain data. Nothing
expected is written down: torch says it while the test runs.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

import minigrad

LEAVES = {"lx": (2, 3, 4), "lw": (2, 3, 4), "lm": (3, 3), "lv": (4,), "ls": (), "le": (0, 3), "lo": (1, 3, 1)}


def operands(engine: Any) -> dict[str, Any]:
    """Leaves `lx`, ... that require grad, `x`, ... computed from them, indices and masks, by name."""
    made: dict[str, Any] = {"T": engine, "F": engine.nn.functional}
    random = np.random.RandomState(0)
    for name, shape in LEAVES.items():
        values = np.round(random.randn(*shape), 3)
        leaf = engine.tensor(values.tolist(), dtype=engine.float64) if values.size else engine.zeros(shape)
        made[name] = (leaf if values.size else leaf.double()).requires_grad_()
    pairs = np.round(random.randn(3, 2) + 1j * random.randn(3, 2), 3)
    made["lc"] = engine.tensor(pairs.tolist(), dtype=engine.complex128).requires_grad_()
    for name in (*LEAVES, "lc"):
        made[name[1:]] = made[name] * 1
    made["i"], made["j"] = engine.tensor([0, 1]), engine.tensor([1, 1, 0])
    made["ii"], made["b"] = engine.tensor([2, 0, 2, 1]), engine.tensor([True, False, True])
    made["m2"] = engine.tensor([[True, False, True], [False, True, True]])
    made["n"] = engine.tensor([[1, 2, 3], [4, 5, 6]])
    made["idx"] = engine.tensor(random.randint(0, 2, (2, 3, 4)).tolist())
    made["mask"] = engine.tensor((random.rand(2, 3, 4) > 0.5).tolist())
    return made


def graph(node: Any, depth: int = 5) -> str:
    """The nodes behind a result, as nested names."""
    if node is None:
        return "-"
    name = node.name().removeprefix("torch::autograd::")
    if not depth or name == "AccumulateGrad":
        return str(name)
    edges = (f"{graph(child, depth - 1)}:{index}" for child, index in node.next_functions)
    return f"{name}({', '.join(edges)})"


def facts(result: Any, gradient: bool = False) -> dict[str, Any]:
    """What is seen of one tensor; strides only where they matter, versions not of gradients."""
    array = np.asarray(result.detach().resolve_conj().numpy())
    shape = tuple(result.shape)
    return {
        "value": array,
        "shape": shape,
        "dtype": str(result.dtype).rpartition(".")[2],
        "strides": tuple(s for s, n in zip(result.stride(), shape, strict=True) if n > 1)
        if array.size
        else None,
        "offset": result.storage_offset() if array.size and not gradient else None,
        "requires_grad": result.requires_grad,
        "is_leaf": result.is_leaf,
        "view": result._is_view(),
        "output_nr": result.output_nr,
        "version": None if gradient else result._version,
        "graph": graph(result.grad_fn),
    }


def weights(engine: Any, like: Any, phase: float) -> Any:
    """A gradient that tells the elements of a result apart."""
    values = np.cos(np.arange(like.numel()) * 0.7 + phase).reshape(tuple(like.shape))
    if not values.size:
        return engine.zeros(tuple(like.shape), dtype=like.dtype)
    return engine.tensor(values.tolist(), dtype=like.dtype)


def outcome(engine: Any, text: str) -> dict[str, Any]:
    """Everything seen of an expression, or after statements (`!a; b`) of what they name `r`, else of `x`."""
    names = operands(engine)
    seen: dict[str, Any] = {}
    try:
        if text.startswith("!"):
            exec("\n".join(part.strip() for part in text[1:].split("; ")), names)
            result = names.get("r", names["x"])
        else:
            result = eval(text, names)
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"}
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    if not all(isinstance(one, engine.Tensor) for one in results):
        return {"plain": repr(result)}
    for number, one in enumerate(results):
        seen[f"result {number}"] = facts(one)
        seen[f"is operand {number}"] = [name for name in ("x", "m", "v", "s", "c") if one is names[name]]
    rooted = [one for one in results if one.requires_grad]
    if rooted:
        leaves = [names[name] for name in (*LEAVES, "lc")]
        seen.update(_gradients(engine, rooted, leaves))
    return seen


def _gradients(engine: Any, roots: list[Any], leaves: list[Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    given = [weights(engine, one, 1.0).requires_grad_() for one in roots]
    try:
        first = engine.autograd.grad(roots, leaves, given, allow_unused=True, create_graph=True)
        for number, one in enumerate(first):
            seen[f"gradient {number}"] = None if one is None else facts(one, gradient=True)
        deep = [one for one in first if one is not None and one.requires_grad]
        if deep:
            again = [weights(engine, one, 2.0) for one in deep]
            second = engine.autograd.grad(deep, [*given, *leaves], again, allow_unused=True)
            for number, one in enumerate(second):
                seen[f"second gradient {number}"] = None if one is None else facts(one, gradient=True)
    except Exception as error:
        seen["backward raised"] = f"{type(error).__name__}: {error}"
    return seen


def differences(text: str) -> list[str]:
    """Where the engines disagree about an expression, in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_compared(outcome(minigrad, text), outcome(torch, text), ""))


def _compared(ours: Any, theirs: Any, where: str) -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys((*theirs, *ours)):
            yield from _compared(ours.get(key), theirs.get(key), f"{where} {key}".strip())
    elif isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        if ours.shape != theirs.shape or not np.allclose(ours, theirs, rtol=1e-6, atol=1e-12, equal_nan=True):
            yield f"{where}: {ours.tolist()}, torch has {theirs.tolist()}"
    elif ours != theirs:
        yield f"{where}: {ours}, torch has {theirs}"
