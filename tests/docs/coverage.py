"""docs/coverage.md: which of torch's names minigrad has, read off both modules and off the opset.

What may live here: that document's text and the list of what is deliberately absent. Nothing is counted by hand:
`python -m tests.docs.coverage` writes the file, and a test says when it is out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

import minigrad
from oracle.opset import OPS, OpSpec
from tests.docs.documents import DOCS

PATH = DOCS / "coverage.md"

NAMESPACES = (
    "autograd",
    "autograd.graph",
    "autograd.functional",
    "autograd.forward_ad",
    "autograd.function",
    "autograd.grad_mode",
    "autograd.anomaly_mode",
    "autograd.profiler",
    "autograd.function.FunctionCtx",
    "autograd.graph.Node",
    "nn.parameter",
    "Tensor",
)
"""Where torch keeps what belongs to autograd; of Tensor only `TENSOR`."""
TENSOR = (
    "backward", "data", "detach", "detach_", "grad", "grad_fn", "is_inference", "is_leaf", "output_nr",
    "register_hook", "register_post_accumulate_grad_hook", "requires_grad", "requires_grad_", "retain_grad",
    "resize_", "resize_as_", "retains_grad", "_backward_hooks", "_base", "_is_view", "_version",
)  # fmt: skip
ABSENT = {
    **dict.fromkeys(
        (f"nn.parameter.{name}" for name in ("UninitializedParameter", "UninitializedBuffer",
                                             "UninitializedTensorMixin", "is_lazy")),
        "parameters without a size, which modules make and fill in later; there are no modules",
    ),
    "complex32": "complex numbers of half precision, which NumPy lacks; what would give them is refused, saying so",
    "autograd.profiler": "measures kernels and devices, and says nothing about gradients",
    "autograd.graph.region_activation_memory_budget": "a hint to torch.compile, without effect outside of it",
    "autograd.graph.set_warn_on_accumulate_grad_stream_mismatch": "about CUDA streams; there is one device, the CPU",
    "autograd.graph.set_override_stale_capture_stream": "about CUDA graphs; there is one device, the CPU",
    "autograd.NestedIOFunction": "written in the style of before 1.5, which torch itself does not run any more",
    "autograd.function.NestedIOFunction": "the same",
}
"""What is left out on purpose, and why; a namespace stands for all its names."""


def found(root: Any, path: str) -> Any:
    """The object that a dotted path leads to, or None."""
    for part in path.split("."):
        root = getattr(root, part, None)
    return root


def names(space: str) -> Iterable[str]:
    """Torch's public names in a namespace."""
    if space == "Tensor":
        return TENSOR
    there = found(torch, space)
    listed = getattr(there, "__all__", None) or [n for n in vars(there) if not n.startswith("_")]
    return sorted(set(listed))


def reason(path: str) -> str | None:
    """Why a name is deliberately absent, or None."""
    return next((why for name, why in ABSENT.items() if path == name or path.startswith(name + ".")), None)


def has(path: str) -> bool:
    """Whether minigrad has torch's name."""
    space, _, name = path.rpartition(".")
    return hasattr(found(minigrad, space), name)


def public_names() -> Iterator[str]:
    """The table of torch.autograd's public names."""
    yield "| of torch | there | not yet | deliberately absent |"
    yield "|---|---|---|---|"
    for space in NAMESPACES:
        cells: list[list[str]] = [[], [], []]
        for name in names(space):
            path = f"{space}.{name}"
            cells[0 if has(path) else 2 if reason(path) else 1].append(f"`{name}`")
        yield f"| `{space}` | " + " | ".join(", ".join(cell) for cell in cells) + " |"


def missing(spec: OpSpec) -> list[str]:
    """The forms of an op that torch has and minigrad has not."""
    name = spec.name.rpartition(".")[2]
    wanted = []
    if "call" in spec.forms:
        wanted.append(spec.name)
    if "method" in spec.forms:
        wanted.append(f"Tensor.{name}")
    if spec.inplace:
        wanted.append(f"Tensor.{name}_")
    return [path for path in wanted if found(minigrad, path) is None]


def ops() -> Iterator[str]:
    """The table of the opset, by family."""
    yield "| family | ops | of these complete | missing |"
    yield "|---|---|---|---|"
    for family in dict.fromkeys(spec.family for spec in OPS.values()):
        specs = [spec for spec in OPS.values() if spec.family == family]
        gaps = [f"`{path}`" for spec in specs for path in missing(spec)]
        complete = sum(not missing(spec) for spec in specs)
        yield f"| {family} | {len(specs)} | {complete} | {', '.join(dict.fromkeys(gaps))} |"


def list_of_ops() -> Iterator[str]:
    """Every op of the opset, a line per family."""
    for family in dict.fromkeys(spec.family for spec in OPS.values()):
        listed = ", ".join(f"`{key}`" for key, spec in OPS.items() if spec.family == family)
        yield f"**{family}**: {listed}"
        yield ""


def document() -> str:
    """The text of docs/coverage.md."""
    version = torch.__version__.partition("+")[0]
    lines = [
        "# What minigrad covers",
        "",
        f"Written by `python -m tests.docs.coverage` from the modules and the registries, against torch {version}.",
        "A test says when it is out of date. That a name is there is all that is said here; that it does what torch's",
        "does is what the other tests say.",
        "",
        "## torch.autograd's public names",
        "",
        *public_names(),
        "",
        "Deliberately absent:",
        "",
        *(f"- `{name}`: {why}." for name, why in ABSENT.items()),
        "",
        "## Ops",
        "",
        "The opset is the list of torch's ops that programs are composed of. An op is complete if every form that the",
        "opset declares for it (function, method, in place) is there.",
        "",
        *ops(),
        "",
        *list_of_ops(),
    ]
    return "\n".join(lines).rstrip() + "\n"


def write(path: Path = PATH) -> None:
    """Writes the document."""
    path.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    write()
