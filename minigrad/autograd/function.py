"""User-defined differentiable functions: both styles of `autograd.Function`, and the node they become.

What may live here: the node, how a function is applied, and how outputs are wrapped: inputs returned as they are,
views, dirty and non-differentiable tensors. What `forward` and `backward` see as `ctx` is in `context`.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad import dispatch, modes, saving_errors
from minigrad.autograd.context import Context, FunctionCtx
from minigrad.autograd.function_arguments import by_position, with_defaults
from minigrad.autograd.function_tangents import after_function
from minigrad.autograd.once import once_differentiable
from minigrad.node import Node, next_seq
from minigrad.saved_variable import FREED, Packed, SavedOutput, SavedTensor, detached, shown
from minigrad.tensor import IN_CUSTOM_FUNCTION, Tensor, as_array, memory, wrap
from minigrad.views import attach_view, handle_view_on_rebase, keep_hooks, rebase_history
from minigrad.windows import as_shape


class BackwardCFunction(Node):
    """The node of a user-defined function; what users put on its `ctx` is found on it, too."""

    several = of_user = True
    _forward_cls: type[Function]
    _context_cls: type[Context]

    def __init__(self) -> None:
        self.ctx = self._context_cls(self)
        self.seq = next_seq()
        self.x = None
        self.fns, self.nrs = (), ()
        self.shape, self.dt = (), None
        self.more = []
        self._materialize_non_diff_grads = True
        self.s_saved: Any = []
        self.v_saved: list[int] = []
        self._is_tensor: tuple[bool, ...] = ()
        self._outputs: list[tuple[tuple[int, ...], Any] | None] = []

    def __getattr__(self, name: str) -> Any:
        ctx = self.__dict__.get("ctx")
        if ctx is not None and (name in ctx.__dict__ or hasattr(FunctionCtx, name) or name == "materialize_grads"):
            return getattr(ctx, name)
        raise AttributeError(f"'{self.label}' object has no attribute '{name}'")

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """The old name of `saved_tensors`."""
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept. Raises RuntimeError when it was freed or written to."""
        if self.s_saved is FREED:
            raise saving_errors.graph_freed()
        return tuple(shown(self, saved, version) for saved, version in zip(self.s_saved, self.v_saved, strict=True))

    @property
    def _raw_saved_tensors(self) -> tuple[SavedTensor, ...]:
        if self.s_saved is FREED:
            raise saving_errors.graph_freed()
        return tuple(SavedTensor(self, i, self.s_saved) for i in range(len(self.s_saved)))

    def output_meta(self, nr: int) -> tuple[tuple[int, ...], Any]:
        return (self.shape, self.dt) if nr == 0 else self.more[nr - 1]

    def output_count(self) -> int:
        return len(self._outputs)

    def apply(self, *args: Any) -> Any:
        """Runs the user's backward (or vjp)."""
        forward_cls = self._forward_cls
        backward_fn = forward_cls.backward
        if backward_fn is not Function.backward and forward_cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should "
                "only "
                "implement one of them."
            )
        user = forward_cls.vjp if forward_cls.vjp is not Function.vjp else backward_fn
        return user(self.ctx, *args)

    def ten(self, grad: Any) -> tuple[Any, ...]:
        given = []
        for g, meta in zip(grad, self._outputs, strict=True):
            if g is None and self.ctx._materialize and meta is not None:
                given.append(wrap(np.zeros(*meta)))
                given[-1].counter()[0] = 1  # torch fills what it makes
            else:
                given.append(g)
        got = self.apply(*given)
        return self._checked(got if isinstance(got, tuple) else (got,))

    def raw(self, grad: Any) -> tuple[Any, ...]:
        task = modes.state.task
        known = None if task is None else task.raw
        if known is None:  # where another node runs this one by hand
            given = [None if g is None else wrap(as_array(g)) for g in grad]
            return tuple(None if g is None else g._a for g in self.ten(given))
        given = [None if g is None else known.tensor(g) for g in grad]
        return tuple(None if g is None else known.array(g) for g in self.ten(given))

    def _checked(self, results: tuple[Any, ...]) -> tuple[Any, ...]:
        """One gradient per tensor input, None elsewhere; raises in torch's words."""
        n = len(self._is_tensor)
        if len(results) > n and all(r is None for r in results[n:]):
            results = results[:n]
        if len(results) != n:
            raise RuntimeError(
                f"function {self.label} returned an incorrect number of gradients (expected {n}, got "
                f"{len(results)})"
            )
        out = []
        for i, (result, is_tensor) in enumerate(zip(results, self._is_tensor, strict=True)):
            if not is_tensor:
                if result is not None:
                    raise RuntimeError(
                        f"function {self.label} returned a gradient different than None at position {i + 1}, "
                        f"but the "
                        "corresponding forward input was not a Variable"
                    )
                continue
            if result is not None and not isinstance(result, Tensor):
                raise RuntimeError(f"expected Variable or None (got {type(result).__name__})")
            out.append(result)
        return tuple(out)

    def release(self) -> None:
        if self.s_saved:
            self.s_saved = FREED

    def name(self) -> str:
        return self.label

    __repr__ = object.__repr__  # unlike other nodes' with the module

    def __call__(self, *grads: Any, **keywords: Any) -> Any:
        raise TypeError(f"'{type(self).__name__}' object is not callable")


FunctionCtx.register(BackwardCFunction)


class FunctionMeta(type):
    """Gives every Function class the node class named after it."""

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> None:
        label = name + "Backward"
        known = {"_forward_cls": cls, "_context_cls": type(label, (Context,), {}), "label": label}
        cls._backward_cls = type(label, (BackwardCFunction,), known)
        super().__init__(name, bases, attrs)


class Function(metaclass=FunctionMeta):
    """Base of functions with static `forward` and `backward` (or `vjp`); torch's words refuse what is left out."""

    _backward_cls: type[BackwardCFunction]
    generate_vmap_rule = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Runs `forward` outside of the graph and records this function as one node."""
        two_step = cls.setup_context is not Function.setup_context
        if two_step:
            args, kwargs = with_defaults(cls.forward, args, kwargs)
        if kwargs:
            args = by_position(cls.forward.__code__, args, kwargs, 0 if two_step else 1)
        node = cls._backward_cls()
        inputs = [x for x in args if isinstance(x, Tensor)]
        node._is_tensor = tuple(isinstance(x, Tensor) for x in args)
        node.ctx.needs_input_grad = tuple(isinstance(x, Tensor) and x.requires_grad for x in args)
        executable = modes.state.asked and any(node.ctx.needs_input_grad)  # whether or not in inference mode
        if executable:
            edges = [dispatch.edge_of(x) for x in inputs]
            node.fns, node.nrs = tuple(e[0] for e in edges), tuple(e[1] for e in edges)
            node.seq = next_seq()  # after the edges: asking for a stale view's grad_fn makes a node
        modes.remember(node)
        with modes.no_grad(), _without_tangents():
            if two_step:
                output = cls.forward(*args)
                cls.setup_context(node.ctx, args, output)
            else:
                output = cls.forward(node.ctx, *args)
        several = isinstance(output, tuple)
        raw = list(output) if several else [output]
        wrapped = _wrap_outputs(node, inputs, raw, executable)
        if executable:
            _save(node, wrapped)
        if dispatch.tangents:
            after_function(cls, node, args, raw, wrapped)
        for name in ("to_save", "dirty_tensors", "non_differentiable", "saved_for_forward"):  # one may hold the node
            node.ctx.__dict__.pop(name, None)
        return tuple(wrapped) if several else wrapped[0]


@contextmanager
def _without_tangents() -> Iterator[None]:
    """Within, ops carry no tangents along: those of a function are its `jvp`'s business."""
    carried = dispatch.tangents[:]
    dispatch.tangents.clear()
    try:
        yield
    finally:
        dispatch.tangents[:] = carried


def _wrap_outputs(node: BackwardCFunction, inputs: list[Tensor], raw: list[Any], executable: bool) -> list[Any]:
    non_differentiable = node.ctx.told("non_differentiable")
    if not all(isinstance(x, Tensor) for x in non_differentiable):
        raise RuntimeError("mark_non_differentiable only accepts variable arguments, but got ")
    dirty = node.ctx.told("dirty_tensors")
    for x in dirty:
        if not isinstance(x, Tensor):
            raise RuntimeError("mark_dirty can only accept variables, but argument ")
        dispatch.bump_version(x)
        if not any(x is out for out in raw):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )
    non_diff = {id(x) for x in non_differentiable}
    wrapped: list[Any] = []
    metas: list[Any] = []
    node._outputs = [None] * len(raw)
    for nr, out in enumerate(raw):
        if not isinstance(out, Tensor):
            wrapped.append(out)
            metas.append(None)
            continue
        differentiable = executable and id(out) not in non_diff and out._a.dtype.kind in "fc"
        is_input = any(out is x for x in inputs)
        modified = any(out is x for x in dirty)
        made = _set_history(node, nr, out, is_input, modified, differentiable)
        wrapped.append(made)
        metas.append((made._a.shape, made._a.dtype))
    node._outputs = metas
    known = [m or ((), np.dtype(np.float32)) for m in metas]
    if known:
        (node.shape, node.dt), node.more = known[0], known[1:]
    return wrapped


_SEVERAL_WITH_A_VIEW = (
    "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more "
    "than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is "
    "not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it "
    "into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other "
    "operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change."
)


def _set_history(
    node: BackwardCFunction, nr: int, out: Tensor, is_input: bool, modified: bool, differentiable: bool
) -> Tensor:
    if not differentiable:
        if is_input and out.requires_grad:
            return detached(out)
        if is_input and not modified:
            out = _view_as_is(out)
        if out.requires_grad and not modified:
            out._fn, out._nr, out._rg = None, 0, False
        if out._is_view() and not (is_input and modified):
            out.meta().creation = IN_CUSTOM_FUNCTION
        return out
    if modified:
        if out._fn is None and out.requires_grad:  # a view's grad_fn is not asked for, which would make it anew
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        if out._is_view() and len(node._outputs) > 1:
            raise RuntimeError(_SEVERAL_WITH_A_VIEW)
        handle_view_on_rebase(out)
        _forget_gradient(out)
        rebase_history(out, node)
        if not out._is_view():
            out._nr = nr
        return out
    if is_input:
        out = _view_as_is(out)
    meta = out._meta
    if meta is not None and meta.base is not None:
        meta.creation = IN_CUSTOM_FUNCTION
        meta.attr_version = out.counter()[0]
    out._fn, out._nr, out._rg = node, nr, True
    return out


def _forget_gradient(out: Tensor) -> None:
    """What is written in place by a function starts anew: no gradient, no hooks, and nothing in older graphs, whose
    AccumulateGrad is left without a variable."""
    out._grad = None
    keep_hooks(out, None)
    leaf = None if out._acc is None else out._acc()
    if leaf is not None:
        leaf.variable = None


def _view_as_is(x: Tensor) -> Tensor:
    """A view of all of `x`, for inputs that a function returns as they are."""
    a = memory(x)
    whole = as_shape(a, a.shape)  # whose strides of dimensions of size 1 are worked out anew
    out = wrap(a.view() if whole is None else whole)
    attach_view(out, x, 0)
    return out


def _save(node: BackwardCFunction, outputs: list[Any]) -> None:
    saved: list[Any] = []
    hooks = modes.state.saved_hooks
    to_save = node.ctx.told("to_save")
    for i, x in enumerate(to_save):
        if x is not None and not isinstance(x, Tensor):
            got = type(x).__name__
            raise TypeError(f"save_for_backward can only save variables, but argument {i} is of type {got}")
    for x in to_save:
        if x is None:
            saved.append(None)
            continue
        nr = next((k for k, out in enumerate(outputs) if out is x and x._fn is node), None)
        if hooks:
            saved.append(Packed(x, *hooks[-1], nr))
        else:
            saved.append(dispatch.savable(x) if nr is None else SavedOutput(x, nr))
    node.s_saved, node.v_saved = saved, [_version(one) for one in saved]


def _version(saved: Any) -> int:
    return saved._vc[0] if isinstance(saved, Tensor) and saved._vc is not None else 0


class InplaceFunction(Function):
    """A Function that remembers whether it was asked to work in place; kept, as in torch, for old code."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


__all__ = ["BackwardCFunction", "Function", "FunctionCtx", "InplaceFunction", "OrderedDict", "once_differentiable"]
