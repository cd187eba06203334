"""The law of saved tensors: one function per prohibition, each returning the exception in torch's words.

What may live here: texts and nothing else, like those in `errors`.
"""

from __future__ import annotations

from typing import Any

from minigrad.errors import shape_text, tensor_type
from minigrad.node import short_name


def saved_tensor_modified(
    array: Any, output: tuple[int, str] | None, version: int, expected: int, anomaly: bool = False
) -> RuntimeError:
    """A tensor needed by a backward formula was written to after it was saved."""
    what = f"[{tensor_type(array)} {shape_text(array.shape)}]"
    which = "" if output is None else f", which is output {output[0]} of {short_name(output[1])},"
    if anomaly:
        hint = (
            "Hint: the backtrace further above shows the operation that failed to compute its gradient. The "
            "variable "
            "in question was changed in there or anywhere later. Good luck!"
        )
    else:
        hint = (
            "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
            "torch.autograd.set_detect_anomaly(True, check_nan=False)."
        )
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"{what}{which} is at version {version}; expected version {expected} instead. {hint}"
    )


def graph_freed() -> RuntimeError:
    """A saved tensor is asked for after the backward pass that released it."""
    return RuntimeError(
        "Trying to backward through the graph a second time (or directly access saved tensors after they "
        "have "
        "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
        "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time "
        "or if "
        "you need to access saved tensors after calling backward."
    )


def saved_tensor_detached() -> RuntimeError:
    """A formula needs an operand that was a result when it was saved, and was made a leaf by detach_() since."""
    return RuntimeError(
        "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not supported, "
        "please use out-of-place `.detach()` instead"
    )


def hooks_after_release() -> RuntimeError:
    """register_hooks() on a saved tensor that the pass has let go of."""
    return RuntimeError(
        "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph "
        "are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward "
        "through the graph a second time or if you need to access saved variables after calling backward."
    )
