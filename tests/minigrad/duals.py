"""What an expression makes of dual tensors on torch and on minigrad: primals, tangents, gradients of both.

What may live here: the dual operands, and reading results as plain data. Nothing expected is written down:
torch says it while the test runs.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

import minigrad
from tests.minigrad.differentiated import LEAVES, _compared, operands, weights

DUALS = (*(name[1:] for name in LEAVES), "c")


def dual_operands(engine: Any, recorded: bool) -> dict[str, Any]:
    """The operands of `differentiated`, the floating ones dual; `recorded` ones lead back to leaves."""
    made = operands(engine)
    for phase, name in enumerate(DUALS):
        primal = made["l" + name] if recorded else made["l" + name].detach()
        tangent = weights(engine, primal, 0.3 * phase)
        if primal.is_complex():
            tangent = tangent * engine.tensor(1 + 0.5j, dtype=primal.dtype)
        made["t" + name] = tangent.requires_grad_() if recorded else tangent
        made[name] = engine.autograd.forward_ad.make_dual(primal, made["t" + name])
    return made


def plain(x: Any) -> Any:
    """A tensor as data; None as None."""
    if x is None:
        return None
    return {"value": np.asarray(x.numpy(force=True)), "dtype": str(x.dtype).rpartition(".")[2]}


def outcome(engine: Any, text: str, recorded: bool) -> dict[str, Any]:
    """Primals and tangents of what `text` gives (after statements, `!a; b`: of `r`, else of `x`); when recorded,
    also the tangents of its gradients and the gradients of its tangents."""
    forward = engine.autograd.forward_ad
    with forward.dual_level():
        names = dual_operands(engine, recorded)
        try:
            if text.startswith("!"):
                exec("\n".join(part.strip() for part in text[1:].split("; ")), names)
                result = names.get("r", names["x"])
            else:
                result = eval(text, names)
        except Exception as error:
            return {"raised": f"{type(error).__name__}: {error}"}
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        results = [one for one in results if isinstance(one, engine.Tensor)]
        seen: dict[str, Any] = {}
        for number, one in enumerate(results):
            primal, tangent = forward.unpack_dual(one)
            seen[f"primal {number}"], seen[f"tangent {number}"] = plain(primal), plain(tangent)
        if recorded:
            _differentiated(engine, names, results, seen)
    return seen


def _differentiated(engine: Any, names: dict[str, Any], results: list[Any], seen: dict[str, Any]) -> None:
    forward = engine.autograd.forward_ad
    leaves = [names[prefix + name] for prefix in "lt" for name in DUALS]
    rooted = [one for one in results if one.requires_grad]
    tangents = [forward.unpack_dual(one).tangent for one in results]
    tangents = [one for one in tangents if one is not None and one.requires_grad]
    for what, roots in (("of result", rooted), ("of tangent", tangents)):
        if not roots:
            continue
        given = [weights(engine, one, 1.0) for one in roots]
        try:
            got = engine.autograd.grad(roots, leaves, given, allow_unused=True, retain_graph=True)
        except Exception as error:
            seen[f"gradient {what} raised"] = f"{type(error).__name__}: {error}"
            continue
        for number, one in enumerate(got):
            seen[f"gradient {what} {number}"] = plain(one)
            if one is not None and what == "of result":
                seen[f"tangent of gradient {number}"] = plain(forward.unpack_dual(one).tangent)


def differences(text: str, recorded: bool) -> list[str]:
    """Where the engines disagree about an expression, in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_compared(outcome(minigrad, text, recorded), outcome(torch, text, recorded), ""))
