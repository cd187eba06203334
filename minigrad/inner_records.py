"""What torch's kernels record of inference tensors that require grad, outside of inference mode.

What may live here: by overload, the steps of kernels that autograd sees. It overlooks an op all of whose operands are
inference tensors, but not the ops by which the kernel writes into results, which are none: they are recorded, refuse
what autograd refuses (an `out=`, inference tensors that are saved), and results may be views of what they write to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.inner_writes import of_flip, of_norm, of_var
from minigrad.tensor import DEFAULT, Tensor, wrap
from minigrad.views import attach_view

Steps = Callable[[Any, Any], None]
"""Given the results and the operands, does to the results what the kernel does by ops."""


def _requires(*operands: Any) -> bool:
    return any(isinstance(x, Tensor) and x.requires_grad for x in operands)


def _refused(called: str, when: Callable[..., bool] = lambda *_: True) -> Steps:
    """An inner op with `out=` refuses operands that require grad."""

    def steps(outs: Any, args: Any) -> None:
        if _requires(*args) and when(*args):
            raise errors.output_not_differentiated(called)

    return steps


def _saved(outs: Any, args: Any) -> None:
    """An inner op saves operands."""
    if _requires(*args, *(args[0] if isinstance(args[0], (list, tuple)) else ())):
        raise errors.inference_saved()


def _copied(*places: tuple[int, int], times: int = 1, when: Callable[..., bool] = lambda *_: True) -> Steps:
    """Results into which operands are copied first, both by number."""

    def steps(outs: Any, args: Any) -> None:
        for result, operand in places:
            alike = args[operand]._a.shape == outs[result]._a.shape  # else expanded: such a view requires no grad
            if alike and when(*args) and _requires(args[operand]):
                for _ in range(times):
                    outs[result].copy_(args[operand])

    return steps


def _filled(operand: int, when: Callable[..., bool] = lambda *_: True) -> Steps:
    def steps(outs: Any, args: Any) -> None:
        if when(*args) and _requires(args[operand]):
            outs[0].fill_(args[operand])

    return steps


def _solved(outs: Any, args: Any) -> None:
    if _requires(args[0]):
        raise errors.output_not_differentiated("linalg_lu_factor_ex")
    a, b = (x._a for x in args[:2])
    if _requires(args[1]) and b.ndim > 1 and b.shape != a.shape[:-1]:  # of a vector a view is solved for
        raise errors.output_not_differentiated("linalg_lu_solve")


def _scaled(outs: Any, args: Any) -> None:
    """ldexp makes a tensor of the 2 where the power is not of the usual dtype."""
    other = args[1]
    if _requires(other):
        usual = other._a.dtype.name == "float32"
        raise errors.output_not_differentiated("pow") if usual else errors.inference_saved()


def _triangle(outs: Any, args: Any) -> None:
    a, upper = args
    if _requires(a) and a._a.size:
        raise errors.output_not_differentiated("triu" if upper else "tril")


def _on_diagonal(outs: Any, args: Any) -> None:
    self, *where = args
    if _requires(self):
        outs[0].diagonal(*where).copy_(self)


def _in_blocks(outs: Any, args: Any) -> None:
    row = column = 0
    for x in args[0]:
        rows, columns = (1,) * (2 - x._a.ndim) + x._a.shape
        if outs[0].requires_grad or (_requires(x) and x._a.ndim == 2):  # a vector is seen as a matrix, without grad
            block = outs[0].narrow(0, row, rows).narrow(1, column, columns)
            block.copy_(x if x._a.ndim == 2 else x.detach().view((rows, columns)))
        row, column = row + rows, column + columns


def _padded(outs: Any, args: Any) -> None:
    self, pad = args[0], args[1]
    if not _requires(self) or any(n < 0 for n in pad):  # a part of an inference tensor requires none
        return
    if not any(pad):
        outs[0].copy_(self)
        return
    inner = outs[0]
    for i in range(len(pad) // 2):
        d = self._a.ndim - 1 - i
        inner = inner.narrow(d, pad[2 * i], self._a.shape[d])
    inner.copy_(self)


def _factored(outs: Any, args: Any) -> None:
    """qr: what is wider than it is high is copied, and cut."""
    a, mode = args
    rows, columns = a._a.shape[-2:]
    whole = rows <= columns if mode == "r" else rows < columns if mode == "reduced" else rows != columns
    if not _requires(a):
        return
    if not whole or mode == "complete":
        raise errors.output_not_differentiated("triu")
    q, r = outs
    r.copy_(a)
    if mode != "r":
        q.copy_(r.narrow(-1, 0, rows))
    r.triu_()


def _reduced(times: int, divided: bool = False) -> Steps:
    """What is included is copied, and over what is not is written by indices that are saved; means are `divided`."""
    copied = _copied((0, 0), times=times)

    def steps(outs: Any, args: Any) -> None:
        if not args[-1]:
            _saved(outs, args)
        copied(outs, args)
        if divided and args[-2] == "mean" and _requires(args[0]):
            outs[0].div_(wrap(np.ones(outs[0]._a.shape, outs[0]._a.dtype)))

    return steps


def _added_products(outs: Any, args: Any) -> None:
    """Each batch adds its product to what those before it have left; it is a view, which requires no grad."""
    self, batch1, batch2, beta, alpha = args
    if beta == 0 or not _requires(self) or self._a.shape != outs[0]._a.shape:
        return
    outs[0].copy_(self)
    if not len(batch1._a):
        outs[0].mul_(beta)
    for one, two in zip(batch1._a, batch2._a, strict=True):
        outs[0].addmm_(wrap(one), wrap(two), beta=beta, alpha=alpha)
        beta = 1


def _normalized(tensors: int) -> Steps:
    """Where some of its `tensors` are missing, a normalization calls an op that saves the others."""

    def steps(outs: Any, args: Any) -> None:
        given = args[:tensors]
        if any(x is None for x in given) and _requires(*given):
            raise errors.inference_saved()

    return steps


def _convolved(outs: Any, args: Any) -> None:
    if args[-1] == 1:  # groups are parts, which require no grad
        _saved(outs, args)


def seen_as_view(out: Tensor) -> None:
    """Makes a result a view of the tensor that a kernel has made it of."""
    version = 0 if out._vc is None else out._vc[0]
    base = wrap(out._a)
    base._vc = [version]
    attach_view(out, base, DEFAULT)


def _viewed(when: Callable[..., bool] = lambda *_: True) -> Steps:
    def steps(outs: Any, args: Any) -> None:
        if when(*args):
            seen_as_view(outs[0])

    return steps


def _patched(window: Callable[..., Any]) -> Steps:
    """The result is a view of a copy of the memory behind the first operand; a window in it is written to."""

    def steps(outs: Any, args: Any) -> None:
        seen_as_view(outs[0])
        _, src, *how = args
        if _requires(src):
            window(outs[0], *how).copy_(src)

    return steps


def _slice(out: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return out[(*(slice(None),) * (dim % out._a.ndim), slice(start, end, step))]


def _is_single_matrix(x: Any) -> bool:
    return bool(x._a.ndim > 1 and x._a.shape[-1] > 1 and x._a.size > 0)


def _is_taken_as_it_is(a: Any) -> bool:
    """Whether no view of a matrix is factored, which would require no grad."""
    return a._a.dtype.kind == "c" or not a._a.flags.c_contiguous


def _is_largest_of_complex(x: Any, ord: Any, *how: Any) -> bool:
    return x._a.dtype.kind == "c" and abs(ord) == math.inf and not of_norm(x._a, ord, *how)


def _takes_sizes(x: Any, ord: Any, dim: Any = None, keepdim: bool = False, *_: Any) -> bool:
    """Whether a norm is the absolute values of its operand."""
    if _is_largest_of_complex(x, ord, dim):
        return True
    return keepdim and x._a.ndim > 0 and x._a.size > 0 and bool(of_norm(x._a, ord, dim))


def _renormed(outs: Any, args: Any) -> None:
    self, _, dim, _ = args
    if _requires(self):
        single = math.prod(n for d, n in enumerate(self._a.shape) if d != dim % self._a.ndim) == 1
        raise errors.output_not_differentiated("abs" if single else "mul")


def _varies_as_a_whole(x: Any, dim: Any, *_: Any) -> bool:
    return x._a.dtype.kind == "f" and bool(of_var(x._a, dim)) and x._a.size > 0


def _masked(outs: Any, args: Any) -> None:
    """What is broadcast is a view, which requires no grad."""
    self, mask, value = args
    if (_requires(self) and mask._a.shape == self._a.shape) or _requires(value):
        raise errors.inference_saved()


RECORDS: dict[str, Steps] = {
    **{name: _refused(name) for name in ("abs", "deg2rad", "rad2deg", "complex", "polar", "nan_to_num")},
    **{f"_{name}.dim": _refused(name) for name in ("median", "nanmedian", "kthvalue")},
    **{f"_{name}": _refused(name) for name in ("logsumexp", "cummax", "cummin", "hardtanh", "soft_margin_loss")},
    **{f"_{name}": _refused(name) for name in ("cholesky_inverse", "linalg_eig")},
    **dict.fromkeys(("_linalg_det", "_linalg_slogdet"), _refused("linalg_lu_factor_ex", _is_taken_as_it_is)),
    "_linalg_lu": _refused("linalg_lu_factor_ex"),
    "_linalg_solve_ex": _solved,
    "_linalg_inv_ex": _refused("_linalg_solve_ex"),
    "_linalg_cholesky_ex": _triangle,
    "ldexp": _scaled,
    **dict.fromkeys(("isinf", "_isfinite"), _refused("abs", lambda x: x._a.dtype.kind == "f")),
    **dict.fromkeys(("_mean", "_mean.dim"), _refused("sum")),
    "angle": _refused("angle", lambda x: x._a.dtype.kind == "c"),
    "renorm": _renormed,
    "_linalg_vector_norm": _refused("abs", _takes_sizes),
    **dict.fromkeys(("_var.correction", "_std.correction"), _refused("sum", _varies_as_a_whole)),
    **dict.fromkeys(
        ("masked_scatter", "_index_fill.int_Scalar",
         "_index_fill.int_Tensor", "put", "_index_put", "mv", "_binary_cross_entropy_with_logits"),
        _saved,
    ),
    **dict.fromkeys(
        ("_sort", "_sort.stable", "_scatter.src", "_scatter.value", "_scatter.reduce", "_scatter.value_reduce",
         "scatter_add", "index_add", "index_copy"),
        _copied((0, 0)),
    ),
    **dict.fromkeys(("addmm", "baddbmm"), _copied((0, 0), when=lambda *args: args[3] != 0)),
    "_flip": _copied((0, 0), when=lambda x, dims: bool(of_flip(x._a, dims))),
    "_triangular_solve": _copied((0, 0), (1, 1)),
    "_linalg_eigh": _copied((1, 0)),
    "_linalg_lu_factor_ex": _copied((0, 0), when=lambda a, *_: a._a.size > 0),
    "_linalg_lu_solve": _copied((0, 2)),
    "_linalg_solve_triangular": _copied((0, 1)),
    "_fft_c2c": _copied((0, 0), when=lambda x, dim, *_: not dim),
    **dict.fromkeys(("_masked_fill.Scalar", "_masked_fill.Tensor"), _masked),
    "scatter_reduce.two": _reduced(2),
    "_index_reduce": _reduced(1, divided=True),
    "addbmm": _added_products, "_native_group_norm": _normalized(3), "_native_batch_norm": _normalized(5),
    "_rot90": _copied((0, 0), when=lambda x, k, *_: k % 4 == 0),
    "_convolution": _convolved,
    **dict.fromkeys(("_cumsum", "_cumprod"), _filled(0, lambda x, *_: not x._a.ndim)),
    "_fill.Tensor": _filled(1),
    "diag_embed": _on_diagonal,
    "_block_diag": _in_blocks,
    "_constant_pad_nd": _padded,
    "_linalg_qr": _factored,
    "_repeat": _viewed(lambda x, repeats: 0 not in repeats),
    "_stack": _viewed(lambda tensors, dim=0: dim % (tensors[0]._a.ndim + 1) < tensors[0]._a.ndim),
    "select_scatter": _patched(lambda out, dim, index: out.select(dim, index)),
    "slice_scatter": _patched(_slice),
    "diagonal_scatter": _patched(lambda out, *how: out.diagonal(*how)),
    "_as_strided_scatter": _patched(lambda out, *how: out.as_strided(*how)),
    "_roll": _viewed(lambda x, shifts, dims=(): not dims),
    "_embedding": _viewed(lambda weight, indices, *_: indices._a.ndim != 1),
    "_linalg_matrix_exp": _viewed(_is_single_matrix),
}  # fmt: skip
