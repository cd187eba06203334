"""What ops with `out=` are called in refusals, and which dtype of the output each of them takes.

What may live here: tables by public name, and the check of a dtype. All that is not named here is called by its own
name and casts its result into whatever torch's promotion allows.
"""

from __future__ import annotations

from typing import Any

from minigrad import dtypes, errors
from minigrad.dtypes import C_NAMES
from minigrad.tensor import Tensor

_OF_VECTORS = {(1, 1): "dot", (1, 2): "row", (2, 1): "mv", (3, 1): "mv"}


def form(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The name that the rules of this form of an op stand under: of some, arguments decide what torch runs."""
    given = (*args, *kwargs.values())
    if name == "lerp":
        return name if isinstance(kwargs.get("weight", args[-1]), Tensor) else "lerp/Scalar"
    if name in ("clamp", "clip", "clamp_min", "clamp_max"):
        name = "clamp" if name == "clip" else name
        return f"{name}/Tensor" if sum(isinstance(x, Tensor) for x in given) > 1 else name
    if name in ("max", "min") and sum(isinstance(x, Tensor) for x in given) > 1:
        return f"{name}imum"
    if name in ("matmul", "linalg.matmul") and len(given) == 2:
        of = _OF_VECTORS.get((given[0].dim(), given[1].dim()))
        return f"matmul/{of}" if of else name
    if name in ("matrix_power", "linalg.matrix_power"):
        n = kwargs.get("n", args[-1])
        return {0: "matrix_power/zero", 1: "matrix_power", -1: "matrix_power/inv"}.get(n, "matrix_power/mm")
    if name in ("fft.fft", "fft.ifft") and (given[0].is_complex() or name == "fft.ifft"):
        return f"{name}/{'complex' if given[0].is_complex() else 'real'}"
    if name == "inner" and len(given) == 2 and not all(x.dim() for x in given):
        return "multiply"
    if name == "diff" and kwargs.get("n", args[1] if len(args) > 1 else 1) == 0:
        return "diff/none"
    if name == "nn.functional.linear" and (given[0].dim(), given[1].dim()) == (1, 2):
        return f"{name}/row"
    if name == "mean" and len(given) - ("dtype" in kwargs) == 1:
        return "mean/all"
    if name == "svd":
        return name if kwargs.get("compute_uv", args[2] if len(args) > 2 else True) else "svd/values"
    return name


LABELS = {
    **dict.fromkeys(("fft.fft2", "fft.fftn", "fft.ifft2", "fft.ifftn", "fft.ihfft2", "fft.ihfftn"), "_fft_c2c"),
    **dict.fromkeys(
        ("fft.irfft", "fft.irfft2", "fft.irfftn", "fft.hfft", "fft.hfft2", "fft.hfftn"), "_fft_c2r"
    ),
    **dict.fromkeys(("fft.fft", "fft.rfft", "fft.rfft2", "fft.rfftn"), "_fft_r2c"),
    **dict.fromkeys(("linalg.det", "det"), "_linalg_det"),
    **dict.fromkeys(("linalg.eigh", "linalg.eigvalsh"), "_linalg_eigh"),
    **dict.fromkeys(("linalg.slogdet", "slogdet"), "_linalg_slogdet"),
    **dict.fromkeys(("linalg.solve", "linalg.solve_ex"), "_linalg_solve_ex"),
    **dict.fromkeys(("linalg.svd", "svd", "linalg.svdvals"), "_linalg_svd"),
    **dict.fromkeys(("hstack", "vstack", "dstack", "column_stack", "concat", "concatenate", "row_stack"), "cat"),
    **dict.fromkeys(("outer", "ger", "kron", "multiply"), "mul"),
    **dict.fromkeys(("true_divide", "divide", "nn.functional.normalize"), "div"),
    **dict.fromkeys(("linalg.inv", "inverse", "matrix_power/inv"), "linalg_inv_ex"),
    **dict.fromkeys(("fft.fft/complex", "fft.ifft/complex"), "_fft_c2c"),
    **dict.fromkeys(("linalg.multi_dot", "chain_matmul"), "mm"),
    "special.logit": "logit", "lu_solve": "linalg_lu_solve",
    "svd/values": "_linalg_svd", "fft.ifft/real": "conj_physical",
    **dict.fromkeys(("linalg.matmul", "matrix_power/mm"), "matmul"),
    **dict.fromkeys(("float_power", "square"), "pow"),
    **dict.fromkeys(("diff", "subtract"), "sub"),
    "linalg.cholesky": "linalg_cholesky_ex", "cross": "linalg_cross", "qr": "linalg_qr",
    "linalg.lu_factor": "linalg_lu_factor_ex", "norm": "linalg_vector_norm",
    "nn.functional.logsigmoid": "log_sigmoid_forward", "nanmean": "nansum", "take_along_dim": "gather",
    "msort": "sort", "linalg.vecdot": "vdot", "diag": "diagonal_copy", "fft.ihfft": "conj_physical",
    "absolute": "abs", "negative": "neg", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "fix": "trunc",
}  # fmt: skip
"""The op that torch names in its refusal, which is the last one that a composed function calls."""

COPIED = frozenset({
    "diff/none", "inner", "linalg.cond", "linalg.matrix_norm", "linalg.norm", "linalg.tensorinv", "linalg.tensorsolve",
    "matrix_power", "matrix_power/zero", "nanquantile", "quantile", "tensordot",
})  # fmt: skip
"""Functions that end in a copy into the output, which autograd records."""

_OPAQUE = frozenset({
    "alias_copy", "as_strided_copy", "conj_physical", "detach_copy", "diag", "diagonal_copy", "expand_copy",
    "floor_divide", "heaviside", "linalg.eigvals", "log_softmax", "permute_copy", "select_copy", "slice_copy",
    "slice_scatter", "softmax", "squeeze_copy", "t_copy", "transpose_copy", "unfold_copy", "unsqueeze_copy",
    "view_as_complex_copy", "view_as_real_copy", "view_copy", "fft.ihfft", "fft.ifft/real", "diag_embed",
})  # fmt: skip


def is_opaque(name: str, kwargs: dict[str, Any]) -> bool:
    """Whether torch's autograd knows nothing of an op's form with `out=`: outputs that require grad are refused by the
    op's full name, and others get a node that cannot be differentiated."""
    return name in _OPAQUE or (name == "scatter" and "reduce" in kwargs)


PIECES = {
    "unbind_copy": "unbind_copy_int_out", "split_copy": "split_copy_Tensor_out()",
    "split_with_sizes_copy": "split_with_sizes_copy_out",
}  # fmt: skip
"""Functions that copy pieces into a list of outputs, and what they are called where that has another length."""
WARNED = {"ger": "torch.ger is deprecated and will be removed in a future PyTorch release. Use torch.outer instead."}
"""What torch says of a function only where it is given an output."""
FACTORIES = frozenset({"fft.fftfreq", "fft.rfftfreq", "lu"})
"""Factories among functions, and others that know their output themselves."""
RESIZED_FIRST = frozenset({
    "as_strided_copy", "diag", "diagonal_copy", "diff/none", "select_copy", "slice_copy", "unfold_copy", "view_copy",
})  # fmt: skip
"""Ops that give an output its size before they look at its dtype."""
CHECKED_FIRST = {
    **dict.fromkeys(("linalg.multi_dot", "linalg.vecdot", "chain_matmul", "float_power"), (0,)), "svd/values": (0, 2),
}  # fmt: skip
"""Ops that look at the dtype of these outputs before autograd does, as those of `fft` do."""
WRITTEN_TWICE = frozenset({"nanmean"})
SILENT = frozenset({"addbmm", "nn.functional.logsigmoid", "narrow_copy", "bernoulli"})
"""Ops that give an output another size and say nothing of it."""
CONSTANT = frozenset({"histc"})
"""Ops that autograd knows to give what requires no gradient, though it could."""
UNCOUNTED = frozenset({"kron"})
"""Ops that write into their output without a word to those who have saved it."""
SAYING = {
    **dict.fromkeys(("index_reduce", "triangular_solve", "searchsorted", "bucketize"), "late"),
    "cross": "never", "cholesky": "twice",
}  # fmt: skip
"""When ops warn where they are given an output: not as soon as they are called."""
IN_ROWS = frozenset({"matrix_power/inv", "cholesky", "cholesky_solve", "linalg.tensorinv", "svd/values"})
"""Ops whose result is copied into the output, which then lies by rows ..."""
IN_ROWS_WHERE_CHANGED = frozenset({"cholesky_inverse", "linalg.eig"})
"""... and those that copy it only into an output that had elements and another size."""
ROWS = frozenset({"matmul/row", "nn.functional.linear/row"})
"""Products of a vector and a matrix that are written as those of one row."""
UNSQUEEZED = frozenset({"mode", "kthvalue"})
"""Ops that give an output back the dimension they reduce before they look at its size."""
APART = frozenset({
    "cat", "column_stack", "concat", "concatenate", "cross", "dstack", "gather", "hstack", "index_select", "kthvalue",
    "linalg.cross", "masked_select", "row_stack", "stack", "take", "take_along_dim", "vstack",
})  # fmt: skip
"""Ops whose first output may have no element in common with an operand."""
PARTLY_APART = frozenset({"mode", "topk", "where"})
"""Ops whose first output may be an operand but not lie across one."""
APART_AS_GIVEN = frozenset({"index_select", "kthvalue", "masked_select", "take", "where"})
"""Which of these look at outputs as they are given; others give them their size first."""
COUNTED_ALOUD = frozenset({"arange", "fft_fftfreq", "fft_rfftfreq"})
COUNTED = COUNTED_ALOUD | {"linspace", "logspace", "range"}
"""Factories of vectors to which an output of as many elements is right in any shape; some tell of one of others."""

_EXPECTED = frozenset({
    "lu_unpack",
    "addmm", "alias_copy", "aminmax", "argmax", "argmin", "as_strided_copy", "baddbmm", "cross", "detach_copy",
    "det", "diag", "diagonal_copy", "expand_copy", "index_add", "index_copy", "index_reduce", "inverse",
    "linalg.cholesky", "linalg.cholesky_ex", "linalg.cross", "linalg.det", "linalg.eigh", "linalg.eigvalsh",
    "linalg.inv", "linalg.inv_ex", "linalg.lu", "linalg.lu_factor", "linalg.lu_factor_ex", "linalg.lu_solve",
    "linalg.matmul", "linalg.qr", "lu_solve", "matmul", *ROWS, "linalg.slogdet", "linalg.solve",
    "linalg.solve_ex", "linalg.svd", "linalg.svdvals", "linalg.vector_norm", "log_softmax", "max.out", "min.out",
    "mm", "nn.functional.avg_pool2d", "nn.functional.avg_pool3d", "nn.functional.linear", "norm", "permute_copy",
    "qr", "renorm", "scatter", "scatter_add", "select_copy", "slice_copy", "slice_scatter", "slogdet", "softmax",
    "sort", "split_with_sizes_copy", "squeeze_copy", "svd", "t_copy", "unbind_copy", "take_along_dim",
    "transpose_copy", "triangular_solve", "triu", "tril", "unfold_copy", "unsqueeze_copy", "view_as_real_copy",
    "view_copy", "bmm", "addmv", "gather", "topk", "msort", "scatter_reduce", "diag_embed",
    "matrix_power/inv", "matrix_power/mm", "isin",
})  # fmt: skip
_FOUND = frozenset({
    "abs", "absolute", "bitwise_not", "ceil", "clamp", "clamp_min", "clamp_max", "conj_physical", "floor",
    "frac", "hardshrink", "lerp", "neg", "negative", "nn.functional.gelu", "nn.functional.hardshrink",
    "nn.functional.softplus",
    "nn.functional.softshrink", "round", "sgn", "sign", "trunc", "fix",
})  # fmt: skip
_CASTABLE = frozenset({
    "cholesky", "cholesky_inverse", "cholesky_solve", "linalg.tensorinv", "linalg.tensorsolve", "matrix_power",
    "matrix_power/zero", "matrix_power/mm", "matrix_power/inv", "linalg.cond", "linalg.pinv", "diag_embed",
    "linalg.matrix_rank",
})  # fmt: skip
_ALIKE = {
    **dict.fromkeys(
        ("index_select", "masked_select"), "{own}(): self and result must have the same scalar type"
    ),
    **dict.fromkeys(
        ("amax", "amin"),
        "Expected the dtype for input and out to match, but got {made} for input's dtype and {given} for out's dtype.",
    ),
    "where": "Expected out type to be {made} but got {given}",
    **dict.fromkeys(("dot", "vdot", "matmul/dot"), "result dtype {given} does not match input dtype {made}"),
    **dict.fromkeys(("quantile", "nanquantile"), "quantile() out tensor must be same dtype as the input tensor"),
    **dict.fromkeys(
        ("tensordot", "inner"),
        "tensordot: Expected the output tensor to have dtype {made}, but got an output tensor with dtype {given}",
    ),
    **dict.fromkeys(
        ("polar", "complex"), "Expected object of scalar type {made} but got scalar type {given} for argument 'out'"
    ),
    **dict.fromkeys(("linalg.norm", "linalg.matrix_norm"), "{name} expected out tensor dtype {made} but got: {given}"),
    **dict.fromkeys(("cummax", "cummin", "logcumsumexp", "diff/none"), "expected scalar_type {made} but found {given}"),
    **dict.fromkeys(
        ("linalg.solve_triangular", "nn.functional.logsigmoid"), "expected scalar type {made} but found {given}"
    ),
    "histc": (
        "torch.histogram: input tensor and hist tensor should have the same dtype, but got input {made_c} and hist "
        "{given_c}"
    ),
    **dict.fromkeys(
        ("searchsorted", "bucketize"),
        "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) depending on "
        "whether out_int32 flag is True, but we got output tensor's dtype {given} and out_int32 flag is {narrow}",
    ),
    "float_power": "the output given to float_power has dtype {given} but the operation's result requires dtype {made}",
    "nan_to_num": "nan_to_num: dtype of out: {given} should be same as input: {made}",
    "narrow_copy": str(errors.unexplained("self.dtype() == output.dtype()")),
    "addbmm": "self and mat2 must have the same dtype, but got {given} and {made}",
    **dict.fromkeys(
        ("nonzero", "nonzero_static"), "{own}: Expected out tensor to have scalar type Long but got scalar type{given}"
    ),
    "frexp": "torch.frexp() expects mantissa to have dtype {made_c} but got {given_c}",
    "frexp.exponent": "torch.frexp() expects exponent to have int dtype but got {given_c}",
    "svd/values": "torch.svd: Expected out tensor to have dtype {made} but got {given} instead",
    "linalg.vecdot": "linalg.vecdot: Expected out of dtype{made} but found {given}",
    **dict.fromkeys(
        ("linalg.multi_dot", "chain_matmul"),
        "multi_dot(): expected out tensor to have dtype {made_c} but got {given_c}",
    ),
    **dict.fromkeys(
        ("mv", "matmul/mv"), "addmv input tensors must have the same dtype, but got {given}, {made}, and {made}"
    ),
    "multinomial": "multinomial expects Long tensor out, got: {given}",
    "heaviside": "heaviside is not yet implemented for {which}.",
    "mode": "expected scalar type '{made}' but got '{given}' for values output",
    "mode.indices": "expected scalar type '{made}' but got '{given}' for indices output",
    "kthvalue": "output values must be of same type as input",
    "kthvalue.indices": "output indices must be of scalar type Long",
    **dict.fromkeys(
        ("median", "nanmedian"),
        "Expected tensor for 'values' to have the same type as tensor for argument #2 'self'; but type "
        "{given_type} does not equal torch.{made}Tensor (while checking arguments for median)",
    ),
    **dict.fromkeys(
        ("median.indices", "nanmedian.indices"),
        "Expected tensor for argument #1 'indices' to have scalar type Long; but got {given_type} instead "
        "(while checking arguments for median)",
    ),
    "take": "take(): self and out expected to have the same dtype, but got self.dtype = {made} and out.dtype = {given}",
}
"""Ops that take outputs of their own dtype alone, and their words."""
COMPUTED_IN = frozenset({"sum", "prod", "cumsum", "cumprod"})
"""Ops that compute in the dtype of the output, as if they were asked for it."""
_ASKED = COMPUTED_IN | {"mean", "nansum", "nanmean"}
"""Ops whose output must have the dtype that they were asked for."""
ORDER = {"linalg.eigh": (1, 0), "svd/values": (1, 0, 2), "linalg.svd": (0, 2, 1)}
"""The order in which several outputs are looked at, where it is not theirs."""
CHECKED_LAST_FIRST = frozenset({"median", "nanmedian"})
_OF_BOOLS = frozenset({"isposinf", "isneginf", "signbit"})
_JOINED = frozenset({"cat", "column_stack", "dstack", "hstack", "stack", "vstack", "concat", "concatenate"})


def check_dtype(
    name: str, several: bool, made: dtypes.dtype, given: dtypes.dtype, at: int = 0, asked: bool = False,
    nothing: bool = False,
) -> None:  # fmt: skip
    """Raises torch's refusal of an output of the dtype `given` where the result has the dtype `made`. `at` counts
    outputs; `asked`: the call named a dtype; `nothing`: there are no elements to compute with."""
    own = name.partition("/")[0].rpartition(".")[2]
    castable = dtypes.can_cast(made, given)
    if name == "svd/values" and at == 1:
        name = "linalg.svdvals"
    if asked and name in _ASKED and made is not given:
        if name.startswith("nan"):
            raise RuntimeError(
                f"nansum: provided dtype must match dtype of result. Got {given.scalar_type} and {made.scalar_type}."
            )
        raise _expected(made, given)
    if (name in _EXPECTED and (castable or name not in _CASTABLE)) or (several and f"{name}.out" in _EXPECTED):
        if made is not given:
            raise _expected(made, given)
    elif name in _ALIKE and (several or name not in ("median", "nanmedian")):
        if made is not given:
            which = "complex tensors" if given.is_complex else "tensors with different dtypes"
            second = next((f"{name}.{one}" for one in ("indices", "exponent") if f"{name}.{one}" in _ALIKE), name)
            words = _ALIKE[second if at else name]
            kinds = {"made": made.scalar_type, "given": given.scalar_type}
            kinds |= {"which": which, "narrow": str(made.name == "int32")}
            kinds |= {"made_c": C_NAMES[made.name], "given_c": C_NAMES[given.name]}
            of = given.scalar_type  # there are no classes of tensors of these dtypes
            kinds["given_type"] = f"CPU{of}Type" if given.is_complex or of == "Bool" else f"torch.{of}Tensor"
            raise RuntimeError(words.format(own=own, name=name, **kinds))
    elif name in _FOUND:
        if made is not given:
            raise RuntimeError(f"Found dtype {given.scalar_type} but expected {made.scalar_type}")
    elif name == "bernoulli":
        if given.is_complex:
            raise NotImplementedError(f'"bernoulli_tensor_cpu_self_" not implemented for {given.scalar_type!r}')
    elif name in ("nansum", "nanmean") and made.is_floating_point and not (nothing or given.is_floating_point):
        raise NotImplementedError(f'"nansum_cpu" not implemented for {given.scalar_type!r}')
    elif name.startswith("fft."):
        kind = "complex" if made.is_complex else "floating point"
        if made.is_complex != given.is_complex or not (given.is_complex or given.is_floating_point):
            called = {"fft2": "fftn", "ifft2": "fftn", "ifftn": "fftn"}.get(own, own.replace("2", "n"))
            raise RuntimeError(f"{called} expects a {kind} output tensor, but got {given.scalar_type}")
    elif not castable:
        raise _not_castable(name, own, made, given, at)
    elif name in _OF_BOOLS and given is not made:
        raise RuntimeError(f"{own} does not support non-boolean outputs.")
    elif name in ("any", "all") and given.name not in ("bool", "uint8"):
        raise RuntimeError(f"{own} only supports bool tensor for result, got: {given.scalar_type}")


def _expected(made: dtypes.dtype, given: dtypes.dtype) -> RuntimeError:
    return RuntimeError(
        f"Expected out tensor to have dtype {C_NAMES[made.name]}, but got {C_NAMES[given.name]} instead"
    )


def _not_castable(name: str, own: str, made: dtypes.dtype, given: dtypes.dtype, at: int) -> Exception:
    if name == "diag_embed":
        return RuntimeError(
            f"diag: result type {made.scalar_type} can't be cast to the desired out= type {given.scalar_type}"
        )
    if name == "linalg.matrix_rank":
        own = f"torch.{name}"
    if name in _CASTABLE:
        return RuntimeError(
            f"{name if own in ('cond', 'pinv') else own}: Expected result to be safely castable from "
            f"{made.scalar_type} dtype, but got result with dtype {given.scalar_type}"
        )
    if name in ("linalg.eig", "linalg.eigvals"):
        part = "eigenvectors" if at else "eigenvalues"
        return RuntimeError(
            f"torch.{name}: Expected {part} to be safely castable from {made.scalar_type} dtype, but got {part} with "
            f"dtype {given.scalar_type}"
        )
    if name == "nanmean":
        made = dtypes.get_default_dtype()  # of sums in the dtype of the output, over their counts
    if name == "mean/all":
        return RuntimeError(
            f"mean.dtype_out(): input types can't be cast to the desired output type {given.scalar_type}"
        )
    if name == "ldexp":
        return RuntimeError(f"ldexp can't be cast to the desired output type {given.scalar_type}")
    if name in ("max", "min"):
        return errors.unexplained(
            "canCast( typeMetaToScalarType(self.dtype()), typeMetaToScalarType(out.dtype()))"
        )
    if name == "logsumexp":
        return RuntimeError(
            f"logsumexp(): Expected floating point type for result tensor, but got: {given.scalar_type}"
        )
    if name in _JOINED:
        return TypeError(f"torch.cat(): input types can't be cast to the desired output type {given.scalar_type}")
    return RuntimeError(
        f"result type {made.scalar_type} can't be cast to the desired output type {given.scalar_type}"
    )


def label(name: str, dims: int = 0) -> Any:
    """What torch calls the op in its refusals, where the result has so many dimensions."""
    if name == "linalg.vecdot" and dims:
        return "sum"
    return LABELS.get(name) or name.partition("/")[0].removeprefix("nn.functional.").replace(".", "_")
