"""From a declaration to fast code: the node class and the public function of each op, as specialised source.

What may live here: templates only. Semantics that a template leaves out are in `dispatch`, which every
generated function falls back to. The source of any generated function can be read with `source_of`.

Note [Why generate]: a generic `apply(op, *args)` costs half again as much as an unrolled function, so each op
gets a straight-line one for its common case: Tensors of one dtype in a plain mode. Everything else (numbers
where the template does not know them, promotion, other modes, errors) takes the general funnel.
"""

from __future__ import annotations

from inspect import Parameter
from types import FunctionType
from typing import Any

from minigrad import nodegen
from minigrad.declaration import Op
from minigrad.templates import (
    COMMON,
    HOOKS,
    all_args,
    any_needs,
    kernel_args,
    make_node,
    needs,
    new_out,
    signature,
    view_lines,
)
from minigrad.tracing import NAMES, Trace, traced


def public_function(decl: Op) -> Any:
    """The op's function; its globals are its own, its code is written when it is first called."""
    return _stub(decl, decl.name, "function")


def inplace_function(decl: Op) -> Any:
    """The op's `name_`, likewise."""
    return _stub(decl, decl.name + "_", "inplace_function")


def _stub(decl: Op, name: str, role: str) -> Any:
    scope: dict[str, Any] = {"OP": decl, "ROLE": role, "write": write, "__name__": f"minigrad.ops.{name}"}
    fn = FunctionType(_first_call.__code__, scope, name)
    fn.__qualname__ = name  # which Python's complaints about arguments begin with
    fn.__doc__ = decl.kernel.__doc__ if role == "function" else None
    return fn


def _first_call(*args: Any, **keywords: Any) -> Any:
    write(OP, ROLE)  # type: ignore[name-defined]  # noqa: F821 - globals of each stub
    return getattr(OP, ROLE)(*args, **keywords)  # type: ignore[name-defined]  # noqa: F821


def write(decl: Op, role: str) -> None:
    """Gives a function of `decl` its code, as the op is declared now."""
    fn = getattr(decl, role)
    scope = fn.__globals__
    scope.update(COMMON, kernel=decl.kernel, HOOKS=HOOKS)
    source = (function_source if role == "function" else inplace_source)(decl, scope)
    scope.update(NAMES)
    made: dict[str, Any] = {}
    exec(compile(source, f"<op {fn.__name__}: {decl.overload}>", "exec"), scope, made)
    new = made["function"]
    # the code last: another thread may call it at any moment, and the stub's takes whatever comes
    fn.__defaults__, fn.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    fn.__code__ = new.__code__


def forget(decl: Op) -> None:
    """Has everything generated for `decl` written anew when it is next used, since its declaration changed."""
    for fn in (decl.function, decl.inplace_function):
        if fn is not None:
            fn.__code__, fn.__defaults__, fn.__kwdefaults__ = _first_call.__code__, None, None
    if decl.__dict__.get("node") is not None:
        nodegen.forget(decl)


def _inplace_fallback(decl: Op, scope: dict[str, Any]) -> str:
    return f"def function({signature(decl, scope)}):\n    return HOOKS['inplace'](OP, {all_args(decl)})\n"


def inplace_source(decl: Op, scope: dict[str, Any]) -> str:
    """The in-place function: fast for densely stored tensors of one dtype that nothing can overlap.

    The steps and their order are those of `dispatch.call_inplace`, which takes everything else.
    """
    tensors = [p for p in decl.params if p.is_tensor]
    fitting = 0 < len(tensors) <= 2 and all(p.kind == "tensor" for p in tensors)
    if decl.node is None or not fitting or decl.outs or decl.several or "result_shape" in decl.saved:
        return _inplace_fallback(decl, scope)
    scope["Backward"] = decl.node
    first = tensors[0].name
    args = kernel_args(decl, {p.name: f"a{i}" for i, p in enumerate(tensors)})
    fall = f"return HOOKS['inplace'](OP, {all_args(decl)})"
    body = ["fast = state.fast", f"a0 = {first}._a", "_dt = a0.dtype", f"meta = {first}._meta"]
    body.append("ok = fast is not None and 0 not in a0.strides")
    if decl.promote == "float":
        body.append("ok = ok and _dt in INEXACT")
    for p in tensors[1:]:
        body += [
            f"t1 = type({p.name})",
            "if t1 is Tensor:",
            f"    a1 = {p.name}._a",
            "    ok = ok and a1.dtype is _dt and (a1 is a0 or (a1.base is None and a0.base is not a1))",
            "elif t1 is float or t1 is int:",
            "    ok = ok and (_dt is F32 or _dt is F64)",
            f"    a1 = number({p.name}, _dt) if ok else None",
            "else:",
            "    ok = False",
        ]
    body += [
        f"if not ok or (meta is not None and (meta.inference or meta.base is None or meets_itself(a0))): {fall}",
        *needs(decl, tensors),
        f"recording = fast and ({any_needs(decl, tensors)} or {first}._rg)",
        f"if recording and ({first}._fn is None or meta is not None): HOOKS['check_inplace']({first}, True)",
        "try:",
        *("    " + line for line in _run(decl, args)),
        "except Exception:",
        f"    {fall}",
        f"if r.shape != a0.shape or _rdt is not _dt: {fall}",
        "if recording:",
        *("    " + line for line in make_node(decl, tensors, written=True)),
        "    node.shape = a0.shape",
        "    node.dt = _dt",
        *(["    if a0.ndim > 1 and not a0.flags.c_contiguous: HOOKS['as_mixed'](node)"] if decl.computes_with else []),
        "a0[...] = r",
        f"c = {first}._vc",
        f"if c is None: {first}._vc = [1]",
        "else: c[0] += 1",
        f"if recording: HOOKS['rebase']({first}, node)",
    ]
    if "result" in decl.saved:
        saved = f"SavedOutput({first}, 0) if meta is None else saved_result({first})"
        body += ["if recording:", f"    node.s_result = {saved}", "    node.v_result = 0"]
    lines = [f"def function({signature(decl, scope)}):", f"    if type({first}) is Tensor:"]
    lines += ["        " + line for line in body]
    return "\n".join([*lines, f"        return {first}", f"    {fall}"]) + "\n"


def _fallback_source(decl: Op, scope: dict[str, Any]) -> str:
    return f"def function({signature(decl, scope)}):\n    return HOOKS['call'](OP, {all_args(decl)})\n"


def source_of(decl: Op) -> str:
    """The generated source of an op's public function, for reading."""
    write(decl, "function")
    return function_source(decl, decl.function.__globals__)


def function_source(decl: Op, scope: dict[str, Any]) -> str:
    """The public function: fast path first, then arrays (for formulas), then the general funnel."""
    tensors = [p for p in decl.params if p.is_tensor]
    special = decl.constant or (decl.several and decl.joint is not None)  # which leaves out what nobody asked for
    if not tensors or decl.outs or special or any(p.kind != "tensor" for p in tensors):
        return _fallback_source(decl, scope)
    if decl.node is not None:
        scope["Backward"] = decl.node
    lines = [f"def function({signature(decl, scope)}):"]
    add = lines.append
    first = tensors[0].name
    add(f"    if type({first}) is Tensor:")
    add("        fast = state.fast")
    add("        if fast is not None:")
    pad = " " * 12
    add(f"{pad}a0 = {first}._a")
    add(f"{pad}_dt = a0.dtype")
    ok = [_dtype_guard(decl)]
    for i, p in enumerate(tensors[1:], 1):
        if decl.numbers and len(tensors) == 2:
            add(f"{pad}t{i} = type({p.name})")
            add(f"{pad}if t{i} is Tensor:")
            add(f"{pad}    a{i} = {p.name}._a")
            add(f"{pad}    ok = a{i}.dtype is _dt" + _and(ok))
            add(f"{pad}elif t{i} is float or t{i} is int:")
            add(f"{pad}    ok = _dt is F32 or _dt is F64")
            add(f"{pad}    a{i} = number({p.name}, _dt) if ok else None")
            add(f"{pad}else:")
            add(f"{pad}    ok = False")
            ok = ["ok"]
        else:
            cond = " and ".join([f"type({p.name}) is Tensor", f"{p.name}._a.dtype is _dt", *filter(None, ok)])
            ok = ["ok"]
            add(f"{pad}ok = {cond}")
            add(f"{pad}a{i} = {p.name}._a if ok else None")
    condition = " and ".join(filter(None, ok))
    if condition:
        add(f"{pad}if {condition}:")
        pad += "    "
    add(f"{pad}try:")
    args = kernel_args(decl, {p.name: f"a{i}" for i, p in enumerate(tensors)})
    lines.extend(f"{pad}    {line}" for line in _run(decl, args))
    add(f"{pad}except Exception:")
    add(f"{pad}    return HOOKS['call'](OP, {all_args(decl)})")
    if decl.several:
        lines.extend(pad + line for line in _several_outputs(decl, tensors))
    else:
        lines.extend(pad + line for line in _one_output(decl, tensors))
    add(f"    elif isinstance({first}, CARRIERS) and type({tensors[-1].name}) is not Tensor:")
    add(f"        return kernel({kernel_args(decl, {})})")
    add(f"    return HOOKS['call'](OP, {all_args(decl)})")
    return "\n".join(lines) + "\n"


def _run(decl: Op, args: str) -> list[str]:
    """Lines that compute `r`, and `_rdt`, its dtype, where it is one: in one expression where the kernel is one (see
    tracing.Note [Traces]), whose dtype is then that of the operands."""
    called = ["r = kernel(" + args + ")"]
    if not decl.several:
        called += ["if type(r) is not ndarray: r = asarray(r)", "_rdt = r.dtype"]
    given: dict[str, Any] = {p.name: p.default for p in decl.params if not p.is_tensor}
    given.update((p.name, Trace(f"a{i}")) for i, p in enumerate(p for p in decl.params if p.is_tensor))
    if any(default is Parameter.empty for default in given.values()):
        return called
    trace = traced(decl.kernel, **given)
    if trace is None:
        return called
    usual = ["(_dt is F32 or _dt is F64)", *(f"{p.name} is default_{p.name}" for p in decl.params if not p.is_tensor)]
    lines = [f"if {' and '.join(usual)}:", f"    r = {trace.call}", "    _rdt = _dt"]
    return [*lines, "else:", *("    " + line for line in called)]


def _and(conditions: list[str]) -> str:
    return "".join(f" and {c}" for c in conditions if c)


def _dtype_guard(decl: Op) -> str:
    """What must hold of the first operand's dtype for the kernel to need no promotion."""
    return "(_dt is F32 or _dt is F64 or _dt in INEXACT)" if decl.promote in ("float", "float_or_complex") else ""


def _one_output(decl: Op, tensors: list[Any]) -> list[str]:
    lines = ["_shape = r.shape"]
    number = decl.numbers and len(tensors) == 2  # whether the second operand may be one
    spread = len(tensors) > 1 and decl.promote != "keep"
    if spread or decl.computes_with:
        dense = [f"a{i}.flags.c_contiguous" for i in range(len(tensors))]
        if number:
            dense[1] = f"(t1 is not Tensor or {dense[1]})"
        low = "len(_shape)" if spread else "a0.ndim"  # a reduction leaves fewer dimensions than it looks at
        lines.append(f"dense = {low} < 2 or ({' and '.join(dense)})")
    if spread:
        arrays = [f"a{i}" for i in range(len(tensors))][:: -1 if decl.last_first else 1]
        plain = "t1 is Tensor and " if number else ""
        free = "(not dense or 1 in _shape)"  # whether it could lie in another order than row by row
        lines.append(f"if {plain}len(_shape) > 1 and {free}: r = laid_out(r, ({', '.join(arrays)}))")
    if not (decl.view or decl.formats) and (len(tensors) == 1 or number):
        alone = "t1 is not Tensor and " if len(tensors) == 2 else ""
        how = f"{len(tensors) == 1}, {decl.pointwise}"
        free = "not a0.flags.c_contiguous" if len(tensors) == 1 else "(1 in _shape or not a0.flags.c_contiguous)"
        lines.append(f"if {alone}len(_shape) > 1 and {free}: r = idle_as(r, a0, {how})")
    lines += new_out("r")
    if decl.view:
        before, each = view_lines(tensors[0].name, False)
        lines += [*before, *each]
    if decl.writes or decl.steps is not None:
        lines.append(f"if {tensors[0].name}._meta is not None: HOOKS['written_inside'](OP, (out,), {all_args(decl)})")
    if decl.node is None:
        return [*lines, "out._rg = False", "out._fn = None", "return out"]
    lines.append("if fast:")
    lines += ["    " + s for s in needs(decl, tensors)]
    lines.append(f"    if {any_needs(decl, tensors)}:")
    inner = make_node(decl, tensors)
    refused = f"return HOOKS['call'](OP, {all_args(decl)})"  # which says so
    inner.insert(0, f"if _rdt is not F32 and _rdt.kind not in 'fc': {refused}")
    inner += ["node.shape = _shape", "node.dt = _rdt", "out._fn = node", "out._rg = True"]
    if "result" in decl.saved:
        inner += ["node.s_result = SavedOutput(out, 0)", "node.v_result = 0"]
    if decl.computes_with:
        inner.append("if not dense: HOOKS['as_mixed'](node)")
    inner.append("return out")
    lines += ["        " + s for s in inner]
    return [*lines, "out._rg = False", "out._fn = None", "return out"]


def _several_outputs(decl: Op, tensors: list[Any]) -> list[str]:
    lines = ["node = None"]
    if decl.node is not None:
        lines.append("if fast:")
        lines += ["    " + s for s in needs(decl, tensors)]
        lines.append(f"    if ({any_needs(decl, tensors)}) and r:")
        refused = f"return HOOKS['call'](OP, {all_args(decl)})"  # which says so
        inner = [f"if r[0].dtype is not F32 and r[0].dtype.kind not in 'fc': {refused}", *make_node(decl, tensors)]
        inner += ["node.shape = r[0].shape", "node.dt = r[0].dtype", "node.more = more = []"]
        lines += ["        " + s for s in inner]
    body = ["if type(one) is not ndarray: one = asarray(one)", *new_out("one")]
    if decl.view:
        before, each = view_lines(tensors[0].name, True)
        lines += before
        body += each
    lines += ["outs = []", "nr = 0", "for one in r:"]
    body += [
        "if node is not None and (one.dtype is F32 or one.dtype.kind in 'fc'):",
        "    out._fn = node",
        "    out._rg = True",
        "    out._nr = nr",
        "else:",
        "    out._fn = None",
        "    out._rg = False",
        *(["if node is not None and nr: more.append((one.shape, one.dtype))"] if decl.node is not None else []),
        "nr += 1",
        "outs.append(out)",
    ]
    lines += ["    " + s for s in body]
    if decl.writes or decl.steps is not None:
        lines.append(f"if {tensors[0].name}._meta is not None: HOOKS['written_inside'](OP, outs, {all_args(decl)})")
    if decl.computes_with:
        lines.append("if node is not None and a0.ndim > 1 and not a0.flags.c_contiguous: HOOKS['as_mixed'](node)")
    if "result" in decl.saved:
        lines += [
            "if node is not None:",
            "    node.s_result = [SavedOutput(o, i) for i, o in enumerate(outs)]",
            "    node.v_result = 0",
        ]
    for i, name in enumerate(decl.numbered):
        if name in decl.saved:
            lines += [f"if node is not None: node.s_{name}, node.v_{name} = SavedOutput(outs[{i}], {i}), 0"]
    return [*lines, "return tuple(outs)"]
