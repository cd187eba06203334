"""Overloads as torch has them: signatures as data, in the form torch prints, and torch's complaints.

What may live here: binding arguments to overloads, and the texts when none fits. Callers on a fast path bind
their arguments themselves and come here when something looks unusual; the outcome is the same.

Note [Trying signatures]: overloads are tried in order. When all fail, the one whose argument count alone
could fit explains itself; if several could, or none, the whole list is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from minigrad.arguments import FITS, INT64, MEANS, is_index_tensor, is_int, is_int_list, is_number, to_ints, type_name
from minigrad.tensor import Tensor

_INT = {int}


class Parameter:
    """One argument: its name, the type as torch prints it, and what may stand in for it."""

    __slots__ = ("allow_none", "keyword_only", "kind", "name", "optional", "size")

    def __init__(
        self, name: str, kind: str, keyword_only: bool, optional: bool, allow_none: bool, size: int
    ) -> None:
        self.name = name
        self.kind = kind
        self.keyword_only = keyword_only
        self.optional = optional
        self.allow_none = allow_none
        self.size = size  # n of `tuple of ints[n]`, for which one int may stand; 0 of other kinds

    def fits(self, value: Any, numbers_are_tensors: bool) -> bool:
        if FITS[self.kind](value):
            return True
        if self.kind == "Tensor":
            return numbers_are_tensors and is_number(value)
        return bool(self.size) and (is_int(value) or is_index_tensor(value))

    def hangs_on_values(self, value: Any) -> bool:
        """Whether a value of the same type might not fit: a tensor where there need not be one."""
        inside = value if isinstance(value, (list, tuple)) else (value,)
        return "Tensor" not in self.kind and any(isinstance(one, Tensor) for one in inside)

    def convert(self, function: str, value: Any) -> Any:
        """The value that a fitting argument stands for."""
        if self.kind == "tuple of ints":
            if type(value) is int and value in INT64:
                return (value,) * max(self.size, 1)
            if type(value) is tuple and {*map(type, value)} <= _INT and all(map(INT64.__contains__, value)):
                return value
            found = to_ints(function, self.name, value)
            return found if isinstance(value, (tuple, list)) else found * max(self.size, 1)
        conversion = MEANS.get(self.kind)
        return value if conversion is None else conversion(value)


def _read(text: str) -> tuple[Parameter, ...]:
    """The parameters of a signature as torch prints it, `(int n, *, torch.dtype dtype = None)`.

    Two marks are for us alone: `kind?` may be None, for `tuple of ints[n]` one int may stand for n.
    """
    out: list[Parameter] = []
    keyword_only = False
    for part in filter(None, text.strip("()").split(", ")):
        if part == "*":
            keyword_only = True
            continue
        declaration, _, default = part.partition(" = ")
        kind, _, name = declaration.rpartition(" ")
        may_be_none = default in ("None", "[]") or kind.endswith("?")
        kind, _, size = kind.rstrip("?]").partition("[")
        out.append(Parameter(name, kind, keyword_only, bool(default), may_be_none, int(size or 0)))
    return tuple(out)


class Signature:
    """One overload of a function."""

    def __init__(self, text: str) -> None:
        self.parameters = _read(text)
        self.text = re.sub(r"\[\w*\]|\?", "", text)
        self.by_name = {p.name: p for p in self.parameters}
        self.names = list(self.by_name)
        self.required = sum(not p.optional for p in self.parameters)
        self.positional = sum(not p.keyword_only for p in self.parameters)
        required = [i for i, p in enumerate(self.parameters) if not p.optional]
        self.optional_from = required[-1] + 1 if required else 0
        self.takes_varargs = self.positional == 1 and self.parameters[0].kind == "tuple of ints"

    def match(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], numbers_are_tensors: bool
    ) -> dict[str, Any] | TypeError:
        """The arguments by name, unconverted, or the reason why they do not fit."""
        if len(args) > self.positional and not (self.takes_varargs and is_int_list(args)):
            return self._too_many(function, len(args))
        found: dict[str, Any] = {}
        position, keywords_used = 0, 0
        for number, p in enumerate(self.parameters):
            is_keyword = position >= len(args)
            if is_keyword:
                if number >= self.optional_from and keywords_used == len(kwargs):
                    break
                given = p.name in kwargs
                value = kwargs.get(p.name)
            elif p.keyword_only:
                return self._too_many(function, len(args))
            else:
                given, value = True, args[position]
            varargs = self.takes_varargs and position == 0 and not is_keyword
            if (not given and p.optional) or (given and value is None and p.allow_none):
                pass
            elif not given:
                return self._missing(function, self.parameters[number:])
            elif p.fits(value, numbers_are_tensors):
                found[p.name] = value
            elif varargs and is_int_list(args):
                found[p.name] = args
                position = len(args)
                continue
            elif p.kind == "tuple of Tensors" and isinstance(value, tuple | list):
                raise self._wrong_element(p, value)  # whatever other overloads there are
            else:
                return self._wrong_type(function, p, value, None if is_keyword else position)
            if not is_keyword:
                position += 1
            elif given:
                keywords_used += 1
        if keywords_used < len(kwargs):
            return self._wrong_keyword(function, kwargs, len(args))
        return found

    def places(self, found: Mapping[str, Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Places | None:
        """Where each of the arguments that `match` found stands, and its conversion, if any; None where arguments of
        the same types might fit otherwise."""
        out: list[tuple[str, int | None, Any]] = []
        for at, p in enumerate(self.parameters):
            if p.name in found:
                value, keyword = found[p.name], p.name in kwargs
                if p.hangs_on_values(value) or isinstance(value, type) or (not keyword and args[at] is not value):
                    return None
                converted = p.kind == "tuple of ints" or p.kind in MEANS
                out.append((p.name, None if keyword else at, p.convert if converted else None))
        return tuple(out)

    def _too_many(self, function: str, given: int) -> TypeError:
        takes = f"{self.positional} positional argument{'s' * (self.positional != 1)}"
        if self.required != self.positional:
            takes = f"from {self.required} to {self.positional} positional arguments"
        return TypeError(f"{function}() takes {takes} but {given} {'was' if given == 1 else 'were'} given")

    def _missing(self, function: str, rest: Sequence[Parameter]) -> TypeError:
        absent = [f'"{p.name}"' for p in rest if not p.optional]
        plural = "s" * (len(absent) == 1)  # torch has it the wrong way round
        return TypeError(
            f"{function}() missing {len(absent)} required positional argument{plural}: {', '.join(absent)}"
        )

    def _wrong_element(self, p: Parameter, values: Sequence[Any]) -> TypeError:
        at = next(i for i, one in enumerate(values) if not FITS["Tensor"](one))
        where = f"element {at} in argument {self.parameters.index(p)}"
        return TypeError(f"expected Tensor as {where}, but got {type_name(values[at])}")

    def _wrong_type(self, function: str, p: Parameter, value: Any, position: int | None) -> TypeError:
        place = "" if position is None else f" (position {position + 1})"
        got = f"not {type_name(value)}"
        if p.kind.startswith("tuple of") and isinstance(value, tuple | list) and position is not None:
            at = next((i for i, v in enumerate(value) if not FITS[p.kind]([v])), 0)
            got = f"but found element of type {type_name(value[at])} at pos {at}"
        return TypeError(f"{function}(): argument '{p.name}'{place} must be {p.kind}, {got}")

    def _wrong_keyword(self, function: str, kwargs: Mapping[str, Any], given: int) -> TypeError:
        for keyword in kwargs:
            if keyword not in self.names:
                return TypeError(f"{function}() got an unexpected keyword argument '{keyword}'")
            if self.names.index(keyword) < given:
                return TypeError(f"{function}() got multiple values for argument '{keyword}'")
        return TypeError("invalid keyword arguments")


Types = tuple[Any, ...]
"""What a fit hangs on: the types of arguments and their keywords, and the types of the elements of lists."""
Places = tuple[tuple[str, int | None, Any], ...]
_MOST_FITTED = 1000


def types_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Types:
    """The types that say whether arguments fit."""
    types: Types = (*map(type, args), *kwargs, *map(type, kwargs.values()))
    if list in types or tuple in types:
        types += tuple([tuple(map(type, v)) for v in (*args, *kwargs.values()) if type(v) is tuple or type(v) is list])
    return types


HIDDEN = "..."
"""Stands for overloads that torch still takes and no longer shows."""


class Parser:
    """The overloads of one function. `numbers_are_tensors` where torch takes a number for `Tensor other`."""

    def __init__(self, function: str, *texts: str, numbers_are_tensors: bool = False) -> None:
        self.function = function
        self.texts = [text for text in texts if text != HIDDEN]
        self.alone = len(texts) == 1
        self.numbers_are_tensors = numbers_are_tensors
        self._fitted: dict[Types, tuple[int, Places]] = {}

    @cached_property
    def signatures(self) -> list[Signature]:
        """Read when first asked for: most functions bind their arguments themselves."""
        return [Signature(text) for text in self.texts]

    def parse(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Which overload fits, and its arguments by name, converted; absent ones are left out.

        Raises TypeError with torch's words where none fits.
        """
        types = types_of(args, kwargs)
        known = self._fitted.get(types)
        if known is None:
            return self._matched(types, args, kwargs)
        number, places = known
        given = {}
        for name, at, convert in places:
            value = kwargs[name] if at is None else args[at]
            given[name] = value if convert is None else convert(self.function, value)
        return number, given

    def _matched(
        self, types: Types, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        """The same for types of arguments that were not seen before; notes where they say all there is to know."""
        for number, signature in enumerate(self.signatures):
            found = signature.match(self.function, args, kwargs, self.numbers_are_tensors)
            if isinstance(found, dict):
                kinds = signature.by_name
                given = {n: kinds[n].convert(self.function, v) for n, v in found.items()}
                # where another overload comes first, it may be the value of a tensor that has it not fit
                sure = number == 0 or not any(isinstance(value, (Tensor, tuple, list)) for value in found.values())
                places = signature.places(found, args, kwargs) if sure else None
                if places is not None and len(self._fitted) < _MOST_FITTED:
                    self._fitted[types] = number, places
                return number, given
        raise self.explain(args, kwargs)

    def fits(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Whether the types of these arguments say that they fit; where they fit for their values, False.

        Raises what `parse` raises.
        """
        for signature in self.signatures:
            found = signature.match(self.function, args, kwargs, self.numbers_are_tensors)
            if isinstance(found, dict):
                kinds = signature.by_name
                for name, value in found.items():
                    kinds[name].convert(self.function, value)
                return not any(kinds[name].hangs_on_values(value) for name, value in found.items())
        raise self.explain(args, kwargs)

    def explain(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TypeError:
        """Why no overload takes these arguments (see Note [Trying signatures])."""
        given = len(args) + len(kwargs)
        plausible = [s for s in self.signatures if s.required <= given <= len(s.parameters)]
        if self.alone or len(plausible) == 1:
            reason = (plausible or self.signatures)[0].match(
                self.function, args, kwargs, self.numbers_are_tensors
            )
            if isinstance(reason, TypeError):
                return reason
        start = f"{self.function}() received an invalid combination of arguments - got "
        if len(self.signatures) == 1:
            shown = self.signatures[0].text
            kind, what = _told(shown, args, kwargs)
            if kind == "keywords":
                return TypeError(f"{start}unrecognized keyword arguments: {what}")
            return TypeError(f"{start}{what if kind == 'types' else _given(args, kwargs)}, but expected {shown}")
        lines = [f"{start}{_given(args, kwargs)}, but expected one of:"]
        for s in self.signatures:
            lines.append(f" * {s.text}")
            kind, what = _told(s.text, args, kwargs)
            if given == len(s.text.split(", ")):
                were = "keywords were incorrect" if kind == "keywords" else "arguments have invalid types"
                lines.append(f"      didn't match because some of the {were}: {what}")
        return TypeError("\n".join(lines) + "\n")


def _told(text: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[str, str]:
    """What torch makes of the text of a signature: wrong keywords, or wrong types, or neither.

    It misreads the names of parameters with defaults; the star is a parameter to it, and nothing is one.
    """
    parameters = [part.rpartition(" ")[::2] for part in text.strip("()").split(", ")]  # (type, name)
    names = [name for _, name in parameters]
    unknown = [k for k in _hash_order(list(kwargs)) if k not in names[max(len(names) - len(kwargs), 0) :]]
    if unknown:
        return "keywords", ", ".join(unknown)
    if len(args) + len(kwargs) != len(parameters):
        return "", ""
    marked = []
    for number, (kind, name) in enumerate(parameters):
        value = args[number] if number < len(args) else kwargs[name]
        shown = f"{name}=" * (number >= len(args)) + _type_and_elements(value)
        fits = type_name(value) == kind or (kind == "float" and type_name(value) == "int")
        marked.append(shown if fits else f"!{shown}!")
    return "types", f"({', '.join(marked)}{', ' * (not args)})"


def _type_and_elements(value: Any) -> str:
    """The type of a value; of a list or tuple with those of its elements."""
    if not isinstance(value, (list, tuple)):
        return type_name(value)
    within = ", ".join(map(type_name, value))
    if isinstance(value, list):
        return f"{type_name(value)} of [{within}]"
    return f"{type_name(value)} of ({within}{',' * (len(value) == 1)})"


# --- the order in which keywords are listed ---


def _given(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """What the caller passed, in types. Without positional arguments torch leaves a trailing comma."""
    parts = [type_name(a) for a in args] + [f"{k}={type_name(kwargs[k])}" for k in _hash_order(list(kwargs))]
    return f"({', '.join(parts)}{', ' * (not args and bool(kwargs))})"


def _hash_order(keywords: list[str]) -> list[str]:
    """`keywords` in the order in which libstdc++'s unordered_map lists them (13 buckets, newest first)."""
    listed: list[str] = []
    for keyword in keywords:
        bucket = _string_hash(keyword.encode()) % 13
        same = (i for i, other in enumerate(listed) if _string_hash(other.encode()) % 13 == bucket)
        listed.insert(next(same, 0), keyword)
    return listed


def _string_hash(data: bytes) -> int:
    """std::hash<std::string> of libstdc++: Murmur hash, 64 bit."""
    mask, mul = 2**64 - 1, 0xC6A4A7935BD1E995
    value = 0xC70F6907 ^ (len(data) * mul & mask)
    whole = len(data) & ~7
    for start in range(0, whole, 8):
        piece = int.from_bytes(data[start : start + 8], "little") * mul & mask
        value = (value ^ ((piece ^ piece >> 47) * mul & mask)) * mul & mask
    if len(data) & 7:
        value = (value ^ int.from_bytes(data[whole:], "little")) * mul & mask
    value = (value ^ value >> 47) * mul & mask
    return value ^ value >> 47
