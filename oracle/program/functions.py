"""The fixed library of functions and classes that a program may pass to an engine: hooks, maps, Functions.

What may live here: the source text of each, as printed, and how it becomes a callable over a namespace.
Text and callable cannot part, since the callable is made from the text. A program names an entry as
`Fn("double")`; the parser knows an entry by the equality of its syntax tree. Nothing here needs an engine.

To let programs do more, add a line to the table of the role, or a class to `classes`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from oracle.errors import HarnessError
from oracle.program.classes import CLASSES

HOOKS = {
    "nothing": "lambda grad: None",
    "same": "lambda grad: grad",
    "double": "lambda grad: grad * 2",
    "negate": "lambda grad: -grad",
    "zero": "lambda grad: grad * 0",
    "increment": "lambda grad: grad + 1",
    "square": "lambda grad: grad * grad",
    "clone": "lambda grad: grad.clone()",
    "detach": "lambda grad: grad.detach()",
    "double_in_place": "lambda grad: grad.mul_(2)",
    "zero_in_place": "lambda grad: grad.zero_()",
    "double_in_place_quietly": "lambda grad: (grad.mul_(2), None)[1]",
    "wrong_shape": "lambda grad: grad.unsqueeze(0)",
    "wrong_dtype": "lambda grad: grad.bool()",
    "wrong_type": "lambda grad: 1",
    "raise": "lambda grad: 1 / 0",
}
"""For `Tensor.register_hook`, and `register_multi_grad_hook` in mode "any": one gradient."""

ACCUMULATE_HOOKS = {
    "accumulated": "lambda param: None",
    "double_accumulated": "lambda param: (param.grad.mul_(2), None)[1]",
    "drop_accumulated": "lambda param: setattr(param, 'grad', None)",
    "return_accumulated": "lambda param: param.grad",
    "raise_accumulated": "lambda param: 1 / 0",
}
"""For `register_post_accumulate_grad_hook`: the leaf."""

NODE_HOOKS = {
    "node_nothing": "lambda grad_inputs, grad_outputs: None",
    "node_same": "lambda grad_inputs, grad_outputs: grad_inputs",
    "node_double": ("lambda grad_inputs, grad_outputs: tuple(None if g is None else g * 2 for g in grad_inputs)"),
    "node_none": "lambda grad_inputs, grad_outputs: tuple(None for g in grad_inputs)",
    "node_wrong_count": "lambda grad_inputs, grad_outputs: grad_inputs + grad_inputs",
    "node_wrong_type": "lambda grad_inputs, grad_outputs: 1",
    "node_raise": "lambda grad_inputs, grad_outputs: 1 / 0",
}
"""For `Node.register_hook`: the gradients of a node's inputs and of its outputs."""

NODE_PREHOOKS = {
    "pre_nothing": "lambda grad_outputs: None",
    "pre_same": "lambda grad_outputs: grad_outputs",
    "pre_double": "lambda grad_outputs: tuple(None if g is None else g * 2 for g in grad_outputs)",
    "pre_none": "lambda grad_outputs: tuple(None for g in grad_outputs)",
    "pre_wrong_count": "lambda grad_outputs: grad_outputs + grad_outputs",
    "pre_invented": "lambda grad_outputs: tuple(grad_outputs[0] if g is None else g for g in grad_outputs)",
    "pre_raise": "lambda grad_outputs: 1 / 0",
}
"""For `Node.register_prehook`: the gradients of a node's outputs."""

MULTI_HOOKS = {
    "multi_nothing": "lambda grads: None",
    "multi_raise": "lambda grads: 1 / 0",
}
"""For `graph.register_multi_grad_hook` in mode "all": a list of gradients or Nones."""

SAVED_HOOKS = {
    "pack_same": "lambda saved: saved",
    "pack_double": "lambda saved: saved * 2 if saved.is_floating_point() else saved",
    "pack_double_all": "lambda saved: saved * 2",  # of old programs: doubled indices make torch write anywhere
    "pack_detach": "lambda saved: saved.detach()",
    "pack_list": "lambda saved: [saved]",
    "unpack_list": "lambda saved: saved[0]",
    "pack_raise": "lambda saved: 1 / 0",
    "pack_in_place": "lambda saved: saved.mul_(2)",
    "unpack_number": "lambda saved: 1",
}
"""For saved-tensor hooks, packing or unpacking."""

MAPS = {
    "map_square": "lambda x: x * x",
    "map_sum_of_squares": "lambda x: (x * x).sum()",
    "map_exp": "lambda x: x.exp()",
    "map_two": "lambda x: (x * 2, x.sum())",
    "map_constant": "lambda x: x.detach()",
    "map_product": "lambda x, y: x * y",
    "map_views": "lambda x: x.unsqueeze(0).transpose(0, -1).reshape(-1)[:2] * 2",
    "map_in_place": "lambda x: x.clone().mul_(x).neg_()",
    "map_parts": "lambda x: T.cat([x.reshape(-1), x.sum().reshape(1)])",
    "map_quotient": "lambda x: (1 - x) / (x * x + 1)",
    "map_raise": "lambda x: 1 / 0",
    "map_linear": "lambda x: x * 2",
    "map_sum": "lambda x: x.sum()",
    "map_first": "lambda x, y: x * x",
    "map_first_sum": "lambda x, y: (x * x).sum()",
    "map_number": "lambda x: 1",
    "map_sign": "lambda x: x.sign()",
    "map_above_one": "lambda x: x[x > 1]",
    "map_more_off_one": "lambda x: (x * 1,) if x[0] == 1 else (x * 1, x * 2)",
    "map_forgetful_tangent": (
        "lambda x, y: type('Forgetful', (T.autograd.Function,), {"
        "'forward': staticmethod(lambda ctx, x, y: (ctx.set_materialize_grads(False), x + y)[1]), "
        "'backward': staticmethod(lambda ctx, grad: (grad, grad)), "
        "'jvp': staticmethod(lambda ctx, a, b: a + 1 if b is None else b if a is None else a + b)"
        "}).apply(x, y)"
    ),
    "map_random": "lambda x: x.clone().uniform_()",
    "map_doubled_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: grad * 2), y)[1])(x * x)"
    ),
    "map_shifted_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: grad if (grad != 0).any() else grad + 1), y)[1])(x * x)"
    ),
    "map_invented_gradient": (
        "lambda x: type('Invented', (T.autograd.Function,), {"
        "'forward': staticmethod(lambda ctx, x: (ctx.set_materialize_grads(False), x * 2)[1]), "
        "'backward': staticmethod(lambda ctx, grad: T.ones(2, dtype=T.float64) if grad is None else grad * 2)"
        "}).apply(x)"
    ),
    "map_needy_gradient": (
        "lambda x: (lambda y: (y.grad_fn.register_prehook("
        "lambda grads: (x.view(7),) if grads[0] is None else None), y)[1])(x * x)"
    ),
    "map_unsteady_gradient": (
        "lambda x: (lambda y: ("
        "y.register_hook(lambda grad: grad if grad is None else grad * (1 + T.rand(()) * 1e-5)), y)[1])(x * x)"
    ),
    "map_three": "lambda x: (x * 2, x.exp(), x.sum())",
    "map_products": "lambda x: x.cumprod(0)",
    "map_sorted": "lambda x: x.msort()",
    "map_item_of_a_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: grad * grad.sum().item()), y)[1])(x * x)"
    ),
    "map_asks_its_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: grad if (grad == grad).all() else grad * 2), y)[1])(x * x)"
    ),
    "map_detached_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: grad.detach()), y)[1])(x * x)"
    ),
    "map_copied_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: T.zeros(2).copy_(grad)), y)[1])(x * x)"
    ),
    "map_added_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: T.zeros(2).add_(grad)), y)[1])(x * x)"
    ),
    "map_listed_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: (grad.tolist(), grad)[1]), y)[1])(x * x)"
    ),
    "map_stored_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: (grad.untyped_storage(), grad)[1]), y)[1])(x * x)"
    ),
    "map_shown_gradient": (
        "lambda x: (lambda y: (y.register_hook(lambda grad: (repr(grad), grad)[1]), y)[1])(x * x)"
    ),
    "map_filled": "lambda x: x.clone().masked_fill_(x > 0, 1)",
    "map_tired_gradient": (
        "lambda x: (lambda y, seen: (y.register_hook("
        "lambda grad: (seen.append(grad), grad * (1 if len(seen) < 4 else 2))[1]), y)[1])(x * x, [])"
    ),
    "map_tired": "lambda x: (T.manual_seed(T.initial_seed() + 1), x * x if T.initial_seed() < 8 else x * x * x)[1]",
    "map_tangent_of_products": (
        "lambda x: type('TangentOfProducts', (T.autograd.Function,), {"
        "'forward': staticmethod(lambda ctx, x: x * 2), "
        "'backward': staticmethod(lambda ctx, grad: grad * 2), "
        "'jvp': staticmethod(lambda ctx, a: a * (a @ a))"
        "}).apply(x)"
    ),
    "map_complex_tangent": (
        "lambda x: type('ComplexTangent', (T.autograd.Function,), {"
        "'forward': staticmethod(lambda ctx, x: x * 2), "
        "'backward': staticmethod(lambda ctx, grad: grad * 2), "
        "'jvp': staticmethod(lambda ctx, a: a * (2 + 0j))"
        "}).apply(x)"
    ),
}
"""For `autograd.functional`, `func` and their like: tensors to tensors."""

ROLES: dict[str, dict[str, str]] = {
    "hook": HOOKS,
    "accumulate_hook": ACCUMULATE_HOOKS,
    "node_hook": NODE_HOOKS,
    "node_prehook": NODE_PREHOOKS,
    "multi_hook": MULTI_HOOKS,
    "saved_hook": SAVED_HOOKS,
    "map": MAPS,
    "class": CLASSES,
}


@dataclass(frozen=True, slots=True)
class LibraryFunction:
    """One entry: its name, its role (a key of `ROLES`) and its text, a lambda or a class statement."""

    name: str
    role: str
    source: str

    @property
    def is_class(self) -> bool:
        return self.role == "class"

    @property
    def printed(self) -> str:
        """How it stands in an argument: the lambda itself, or the name of the class."""
        return self.name if self.is_class else self.source

    def over(self, namespace: Any) -> Callable[..., Any]:
        """The callable that the text means where `T` is `namespace`."""
        scope = {"T": namespace, "__name__": "program"}
        if self.is_class:
            # The text is the library's own, nobody else's.
            exec(compile(self.source, f"<{self.name}>", "exec"), scope)
            cls: Callable[..., Any] = scope[self.name]
            return cls
        function: Callable[..., Any] = eval(compile(self.source, f"<{self.name}>", "eval"), scope)
        return function


LIBRARY: dict[str, LibraryFunction] = {
    name: LibraryFunction(name, role, source.strip()) for role, table in ROLES.items() for name, source in table.items()
}
"""Every entry by name."""


def entry(name: str) -> LibraryFunction:
    """The entry called `name`; a HarnessError names the known ones otherwise."""
    try:
        return LIBRARY[name]
    except KeyError:
        known = ", ".join(LIBRARY)
        raise HarnessError(f"there is no function {name!r} in the library; there are {known}") from None


def _shape(node: ast.AST) -> str:
    return ast.dump(node, annotate_fields=False)


def _shapes(entries: Iterable[LibraryFunction]) -> dict[str, str]:
    """Names by syntax tree. Of two lambdas with one text, the first declared is the canonical one."""
    shapes: dict[str, str] = {}
    for function in entries:
        statement = ast.parse(function.source).body[0]
        node = statement.value if isinstance(statement, ast.Expr) else statement
        shapes.setdefault(_shape(node), function.name)
    return shapes


_BY_SHAPE = _shapes(LIBRARY.values())


def find(node: ast.AST) -> str | None:
    """The name of the library function whose syntax tree `node` is, or None."""
    return _BY_SHAPE.get(_shape(node))
