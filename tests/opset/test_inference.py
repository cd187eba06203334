"""Every rule says what torch does: shapes, dtypes, views, memory; for every op by its declaration alone.

A new op needs no new test here: its line is its test.
"""

from __future__ import annotations

from functools import cache
from itertools import islice, product
from typing import Any

import pytest

from oracle.opset import OPS
from oracle.opset.calls import Arrangement, Call, Case
from oracle.opset.metas import Meta, meta
from oracle.opset.spec import OpSpec
from tests.opset.torch_calls import arguments, called, made, outcome

SHAPES = ((), (2,), (1,), (0,), (2, 3), (3, 1), (2, 2), (2, 0), (2, 1, 3), (1, 2, 2, 1))
DTYPES = ("float32", "float64", "int64", "bool", "complex64")
NUMBERS = tuple(meta((), name) for name in ("py_int", "py_float", "py_bool"))
CODES = range(0, 400, 7)
NAMES = tuple(OPS)
TENSORS = tuple(meta(shape, name) for shape in SHAPES for name in DTYPES)
FEW = tuple(meta(shape, name) for shape in SHAPES[:6] for name in DTYPES[:4])


def operand_metas(spec: OpSpec) -> list[tuple[Any, ...]]:
    """Tuples of operands to try a rule with."""
    operands = spec.infer.operands
    columns: list[list[Any]] = []
    for index, operand in enumerate(operands):
        tensors: list[Any] = list(TENSORS if len(operands) == 1 else FEW)
        if index == 0 and operand.made is not None:
            tensors = list(operand.made())
        if index == 0 and operand.fresh is not None:
            tensors = [operand.fresh, *tensors]
        if operand.many:
            tensors = [(one,) * count for one in tensors for count in (1, 2)]
        if operand.optional:
            tensors = [None, *tensors]
        if operand.numbers:
            tensors += NUMBERS
        columns.append(tensors)
    found = list(product(*columns)) if len(columns) < 3 else []
    for first in columns[0][:12] if columns else []:
        liked = [first]
        for operand, column in zip(operands[1:], columns[1:], strict=True):
            likes = (first, *column[:1])
            if operand.made is not None or operand.likes is not None:
                likes = (operand.made or operand.likes)(*liked)
            liked.append(next(iter(likes), None))
        found.append(tuple(liked))
    step = max(1, len(found) // 400)
    return [one for one in found[::step] if None not in one or any(operand.optional for operand in operands)]


@cache  # several tests ask for the same, and asking takes as long as calling
def legal_calls(spec: OpSpec) -> list[tuple[tuple[Any, ...], Call]]:
    """Operand Metas and calls that the declaration says are legal."""
    found = []
    for metas in operand_metas(spec):
        case = Case(spec.infer, metas)
        if case.legal:
            calls = {id(call[0]): call for call in map(case.call, CODES)}
            found += [(metas, call) for call in islice(calls.values(), 12)]
    return found


def tensors_of(metas: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        None if one is None else tuple(map(made, one)) if isinstance(one, tuple) else made(one)
        for one in metas
    )


def form_of(spec: OpSpec, call: Call, metas: tuple[Any, ...]) -> str:
    if metas and isinstance(metas[0], Meta) and metas[0].number:
        return "call"
    return "method" if call[0].star and "method" in spec.forms else spec.forms[0]


def by_number_alone(spec: OpSpec, metas: tuple[Any, ...]) -> bool:
    """Whether only an operator can take a number first."""
    return bool(metas) and isinstance(metas[0], Meta) and metas[0].number and not spec.number_first


@pytest.mark.parametrize("name", NAMES)
def test_shape_and_dtype_are_as_torch_says(name: str) -> None:
    spec = OPS[name]
    calls = [(metas, call) for metas, call in legal_calls(spec) if not by_number_alone(spec, metas)]
    assert calls, f"no legal call of {name} was found"
    for metas, call in calls:
        result = called(spec, form_of(spec, call, metas), call[0], tensors_of(metas))
        expected = tuple((out.shape, out.dtype) for out in call[1])
        assert outcome(result) == expected, (name, metas, arguments(call[0], metas))


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].inplace])
def test_the_in_place_form_exists_and_keeps_shape_and_dtype(name: str) -> None:
    spec = OPS[name].in_place
    calls = legal_calls(spec)
    assert calls
    for metas, call in calls:
        if metas[0].number:
            continue
        operands = tensors_of(metas)
        result = called(spec, "method", call[0], operands)
        assert result is operands[0], (name, metas)
        assert outcome(result) == ((metas[0].shape, metas[0].dtype),)


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].infer.operands])
def test_views_share_storage_and_others_do_not(name: str) -> None:
    spec = OPS[name]
    for metas, call in legal_calls(spec):
        if spec.view == "maybe" or by_number_alone(spec, metas):
            continue
        operands = tensors_of(metas)
        flat = [one for many in operands for one in (many if isinstance(many, tuple) else (many,))]
        if not hasattr(flat[0], "untyped_storage") or flat[0].numel() == 0:
            continue
        result = called(spec, form_of(spec, call, metas), call[0], operands)
        for place, one in enumerate(result if isinstance(result, (tuple, list)) else (result,)):
            looked_at = flat[place if spec.view == "each" else 0]
            shares = one.untyped_storage().data_ptr() == looked_at.untyped_storage().data_ptr()
            assert shares == (bool(spec.view) or spec.writes), (name, metas, arguments(call[0], metas))


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].dense and not OPS[name].writes])
def test_dense_results_of_contiguous_operands_are_contiguous(name: str) -> None:
    spec = OPS[name]
    for metas, call in legal_calls(spec):
        if not by_number_alone(spec, metas):
            result = called(spec, form_of(spec, call, metas), call[0], tensors_of(metas))
            for one in result if isinstance(result, (tuple, list)) else (result,):
                assert one.is_contiguous(), (name, metas, arguments(call[0], metas))


@pytest.mark.parametrize("name", [name for name in NAMES if not OPS[name].grad and OPS[name].infer.operands])
def test_ops_without_gradient_record_nothing(name: str) -> None:
    spec = OPS[name]
    for metas, call in legal_calls(spec)[:40]:
        if by_number_alone(spec, metas):
            continue
        operands = tuple(made(one, requires_grad=True) if isinstance(one, Meta) else one for one in metas)
        assert not called(spec, form_of(spec, call, metas), call[0], operands).requires_grad


def differentiable_calls(spec: OpSpec) -> list[tuple[tuple[Any, ...], Call]]:
    return [
        (metas, call)
        for metas, call in legal_calls(spec)
        if all(isinstance(one, (Meta, tuple)) for one in metas)
        and metas
        and all(one.differentiable for one in (metas[0] if isinstance(metas[0], tuple) else first(spec, metas)))
        and any(out.differentiable for out in call[1])
    ]


def first(spec: OpSpec, metas: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operand that decides whether there is a gradient: the first, but for where, which has a condition."""
    return metas[1:2] if spec.name == "where" else metas[:1]


def leaves_of(one: Meta | tuple[Meta, ...]) -> Any:
    """A leaf that requires grad, or several in a tuple."""
    return (
        tuple(map(leaves_of, one)) if isinstance(one, tuple) else made(one, requires_grad=one.differentiable)
    )


@pytest.mark.parametrize(
    "name", [n for n in NAMES if OPS[n].grad and OPS[n].infer.operands and not OPS[n].writes]
)
def test_ops_with_gradient_record_a_node(name: str) -> None:
    spec = OPS[name]
    calls = differentiable_calls(spec)
    assert calls
    for metas, call in calls[:40]:
        operands = tuple(leaves_of(one) for one in metas)
        result = called(spec, form_of(spec, call, metas), call[0], operands)
        results = result if isinstance(result, (tuple, list)) else (result,)
        for place, (one, out) in enumerate(zip(results, call[1], strict=True)):
            assert one.requires_grad == (out.differentiable and place not in spec.constant), (name, metas)


@pytest.mark.parametrize(
    "name",
    [n for n in NAMES if not OPS[n].saves and not OPS[n].view and OPS[n].grad and not OPS[n].writes
     and OPS[n].infer.operands],
)  # fmt: skip
def test_ops_that_save_nothing_do_not_mind_later_writes(name: str) -> None:
    spec = OPS[name]
    for metas, call in differentiable_calls(spec)[:40]:
        leaves = tuple(leaves_of(one) for one in metas)
        operands = tuple(times_one(one) for one in leaves)
        result = called(spec, form_of(spec, call, metas), call[0], operands)
        results = result if isinstance(result, tuple) else (result,)
        total = sum(one.sum() for one in results)
        flat = [one for given in operands for one in (given if isinstance(given, tuple) else (given,))]
        for one in (*flat, *results):
            if hasattr(one, "detach"):
                one.detach().zero_()
        total.abs().backward()  # raises if anything saved was modified


def times_one(leaf: Any) -> Any:
    """What is computed from a leaf, so that it may be written to."""
    if isinstance(leaf, tuple):
        return tuple(map(times_one, leaf))
    return leaf * 1 if hasattr(leaf, "detach") else leaf


def refused_values(spec: OpSpec) -> list[tuple[Meta, str, Any]]:
    found = []
    for metas in operand_metas(spec)[:30]:
        for param in spec.infer.params:
            if param.wrong is not None and Case(spec.infer, metas).legal:
                found += [(metas[0], param.name, value) for value in param.wrong(*metas)]
    return found


@pytest.mark.parametrize(
    "name", [n for n in NAMES if len(OPS[n].infer.operands) == 1 and refused_values(OPS[n])]
)
def test_values_declared_wrong_are_refused(name: str) -> None:
    spec = OPS[name]
    for x, _, value in refused_values(spec):
        values = tuple(getattr(value, "values", (value,)))
        call = Arrangement(None, values, (), False, ())
        if len(spec.infer.params) == 1:
            with pytest.raises((RuntimeError, IndexError, TypeError, ValueError)):
                called(spec, spec.forms[-1], call, (made(x),))
