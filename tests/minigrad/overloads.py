"""`minigrad/overloads.json`: how torch's functions and methods may be called, as torch itself tells.

What may live here: asking torch. `python -m tests.minigrad.overloads` writes the file: for every name that minigrad
publishes the overloads as torch prints them, or, where torch keeps them to itself, as its operators' schemas say.

A line is a list of signatures in the form that `minigrad.signatures` reads, or one text: "none" for a method that takes
no arguments at all, "def name(...)" for a function written in Python.
"""

from __future__ import annotations

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

import minigrad
from minigrad import later
from minigrad.refusals import FUNCTION, HANDED, METHOD, UNLESS
from minigrad.registry import FUNCTIONS, METHODS
from minigrad.signatures import HIDDEN

PATH = Path(minigrad.__file__).with_name("overloads.json")
KINDS = {
    "Tensor": "Tensor", "Scalar": "Number", "int": "int", "SymInt": "int", "float": "float", "bool": "bool",
    "str": "str", "ScalarType": "torch.dtype", "Device": "torch.device", "Layout": "torch.layout",
    "Generator": "torch.Generator", "MemoryFormat": "torch.memory_format", "Tensor[]": "tuple of Tensors",
    "Tensor?[]": "tuple of Tensors", "int[]": "tuple of ints", "SymInt[]": "tuple of ints",
    "float[]": "tuple of floats", "bool[]": "tuple of bools", "Scalar[]": "tuple of Scalars",
}  # fmt: skip
"""What the types of schemas are called in messages."""

HANDED_ON = """
adaptive_max_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d
alpha_dropout alpha_dropout_ dropout dropout_ feature_alpha_dropout feature_alpha_dropout_ feature_dropout
feature_dropout_ atleast_1d
atleast_2d atleast_3d avg_pool1d avg_pool2d avg_pool3d batch_norm binary_cross_entropy
binary_cross_entropy_with_logits cdist celu celu_ cosine_embedding_loss cross_entropy_loss einsum elu elu_ glu
group_norm hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ hinge_embedding_loss huber_loss
instance_norm kl_div l1_loss layer_norm leaky_relu leaky_relu_ linear linalg_vector_norm linalg_matrix_norm
affine_grid_generator max_unpool2d max_unpool3d
margin_ranking_loss max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices
max_pool3d_with_indices mish mish_ mse_loss multi_margin_loss log_sigmoid multilabel_margin_loss nll_loss_nd pad
poisson_nll_loss relu relu_ relu6 relu6_ rms_norm rrelu rrelu_ selu selu_ silu silu_ smooth_l1_loss soft_margin_loss
split split_with_sizes tensordot threshold threshold_ triplet_margin_loss
"""
"""The functions of torch's own, by name, to which those that it wrote in Python hand their arguments on."""

OF_METHODS = {
    "is_contiguous": ["(*, torch.memory_format memory_format = torch.contiguous_format)"],
    "cpu": ["(*, torch.memory_format memory_format = None)"],
}
OF_FUNCTIONS = {"nonzero": ["(Tensor input, *, bool as_tuple = False, Tensor out = None)"]}
"""What torch tells of in no schema: methods and functions that it wrote by hand."""

STAND_INS = {
    "Tensor": torch.ones(1), "int": 0, "tuple of ints": (0,), "tuple of ints[1]": (0,), "Number": 1, "bool": False,
    "tuple of Tensors": (torch.ones(1),),
}  # fmt: skip
"""Something of each kind of required argument."""

Entry = list[str] | str


def written() -> dict[str, dict[str, Entry]]:
    """The whole file: functions by their dotted name, and methods."""
    later.everything()
    functions = {name: told(_found(torch, name), name.replace(".", "_"), False) for name in sorted(FUNCTIONS)}
    functions |= OF_FUNCTIONS
    methods = {name: told(getattr(torch.Tensor, name, None), name, True) for name in sorted(METHODS)} | OF_METHODS
    handed = {name: told(_own(name), name, False) for name in HANDED_ON.split()}
    known = {FUNCTION: functions, METHOD: methods, HANDED: handed}
    return {role: {name: entry for name, entry in found.items() if entry} for role, found in known.items()}


def _found(place: Any, path: str) -> Any:
    for part in path.split("."):
        place = getattr(place, part, None)
    return place


def _own(name: str) -> Any:
    places = (torch._C._nn, vars(torch._C)["_linalg"], torch._VF, torch)
    return next(found for place in places if callable(found := getattr(place, name, None)))


def told(function: Any, name: str, method: bool) -> Entry:
    """The overloads of one function; nothing where torch does not tell."""
    if inspect.isfunction(function):
        return _in_python(function)
    if not callable(function) or inspect.isclass(function):
        return []
    receiver = (torch.ones(()),) if method else ()
    crowd = _message(function, *receiver, *[object()] * 15)
    if "takes no arguments" in crowd:
        return "none"
    called = re.match(r"(\w+)\(\)", crowd)
    own = [called[1]] if called and called[1] != name.removeprefix("nn_functional_") else []
    schemas = list(_schemas(called[1] if called else name, method))
    listed = re.findall(r"^ \* (\(.*\))$", crowd, re.M) or re.findall(r"but expected (\(.*\))$", crowd)
    if listed:
        return own + [_marked(text, schemas) for text in listed] + [HIDDEN] * (len(listed) == 1)
    return own + [_asked_for_out(function, one) for one in _only(schemas, crowd, _message(function, *receiver))]


def _asked_for_out(function: Any, signature: str) -> str:
    """A signature without `out=` where torch's operator has that and Python's function does not take it."""
    several = "tuple of Tensors out" in signature
    before, out, _ = signature.rpartition(f", {'tuple of Tensors' if several else 'Tensor'} out = None")
    kinds = [part.rpartition(" ")[0].rstrip("?") for part in before.strip("(").split(", ") if " = " not in part]
    given = [STAND_INS.get(kind) for kind in kinds if kind not in ("", "*")]
    if out and "unexpected keyword" in _message(lambda *args: function(*args, out=torch.empty(0)), *given):
        return before.removesuffix(", *") + ")"
    return signature


def _only(schemas: list[list[str]], crowd: str, alone: str) -> list[str]:
    """The one overload that there is: what torch says of too many arguments and of none tells it among its schemas."""
    required = re.findall(r'"(\w+)"', alone) if "missing" in alone else []
    counts = [int(count) for count in re.findall(r"\d+", crowd.partition("takes")[2].partition("but")[0])]
    for schema in schemas:
        needed = [one.rpartition(" ")[2] for one in schema if one != "*" and " = " not in one]
        positional = schema.index("*") if "*" in schema else len(schema)
        if needed == required and (not counts or positional == counts[-1]):
            return [f"({', '.join(schema)})"]
    return []


def _in_python(function: Any) -> Entry:
    both = inspect.getclosurevars(function).nonlocals
    if "if_true" in both:  # one of two functions, as an argument says
        return f"{_in_python(both['if_false'])}{UNLESS}{both['arg_name']}: {_in_python(both['if_true'])}"
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    if inspect.Parameter.VAR_KEYWORD in {one.kind for one in parameters}:
        return []
    bare = [one.replace(annotation=one.empty) for one in parameters]
    bare = [one if one.default is one.empty else one.replace(default=None) for one in bare]
    return f"def {function.__qualname__}{inspect.Signature(bare)}"


def _message(function: Callable[..., Any], *args: Any) -> str:
    try:
        function(*args)
    except Exception as error:
        return str(error)
    return ""


_BY_NAME: dict[str, list[Any]] = defaultdict(list)
for _schema in torch._C._jit_get_all_schemas():
    if _schema.name.startswith("aten::"):
        _BY_NAME[_schema.name[6:]].append(_schema)


def _schemas(name: str, method: bool) -> Iterator[list[str]]:
    """The parameters of each overload of an operator, in the order of torch's Python signatures."""
    outs = {schema.overload_name for schema in _BY_NAME[name] if any(one.is_out for one in schema.arguments)}
    for schema in _BY_NAME[name]:
        texts = re.match(r"[\w:.]+\((.*)\) ->", str(schema))
        if schema.overload_name in outs or texts is None:
            continue
        found: list[str] = []
        inside = re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(", ", ","), texts[1])
        for text in filter(None, inside.split(", ")):
            found.append(text if text == "*" else _parameter(text, method))
        found = [one for one in found if one]
        if "bool pin_memory = None" in found:  # a factory: of its result it is asked, too, whether it requires grad
            found.append("bool? requires_grad = False")
        if outs and not method:
            several = len(schema.returns) > 1 or "List[Tensor]" in [str(one.type) for one in schema.returns]
            found += [*(["*"] if "*" not in found else []), f"{'tuple of Tensors' if several else 'Tensor'} out = None"]
        yield found


def _parameter(text: str, method: bool) -> str:
    """One parameter of a schema as Python's signatures have it; nothing for the receiver of a method."""
    declared, _, default = text.partition("=")
    kind, _, name = declared.rpartition(" ")
    kind = re.sub(r"\(\w+!?( -> \*)?\)", "", kind)
    if name == "self":
        if method:
            return ""
        name = "input"
    optional = kind.endswith("?")
    kind = kind.removesuffix("?")
    sized = re.search(r"\[\d+\]", kind) is not None
    kind = KINDS.get(re.sub(r"\[\d+\]", "[]", kind), kind)
    mark = "[1]" * sized + "?" * (optional and not default)
    return f"{kind}{mark} {name}" + (f" = {default}" if default else "")


def _marked(text: str, schemas: list[list[str]]) -> str:
    """A signature as torch prints it, with the marks that it leaves out, from the schema of the same names."""
    parts = text.strip("()").split(", ")
    names = [part.partition(" = ")[0].rpartition(" ")[2] for part in parts]
    for schema in schemas:
        theirs = {one.partition(" = ")[0].rpartition(" ")[2]: one for one in schema}
        if not set(names) - set(theirs) - {"*", "out"}:
            marks = {name: re.search(r"(\[1\])?(\?)? \w+( = |$)", one) for name, one in theirs.items()}
            for at, name in enumerate(names):
                mark = marks.get(name)
                found = "" if mark is None else (mark[1] or "") + (mark[2] or "") * (" = " not in parts[at])
                parts[at] = re.sub(rf" {name}(?= = |$)", f"{found} {name}", parts[at]) if name != "*" else "*"
            return f"({', '.join(parts)})"
    return text


def main() -> None:
    PATH.write_text(json.dumps(written(), indent=0, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
