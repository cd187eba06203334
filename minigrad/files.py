"""`save` and `load`: objects with tensors in files of torch's own format, so that either reads what the other wrote.

What may live here: the archive (a zip of `data.pkl` and one record per storage; torch's docs, "Serialization
semantics") and the pickles in it. Tensors are taken apart and put together by `serialization`'s rules: a storage is
written once, so views still share it; requires_grad stays, grad, history and hooks do not.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any

import numpy as np

from minigrad import dtypes, serialization
from minigrad.device import device
from minigrad.dtypes import Array, dtype
from minigrad.lazy import CONJ, NEG, bits_of, set_bits
from minigrad.memory import strides_of
from minigrad.ops import parameters
from minigrad.storage import UntypedStorage
from minigrad.tensor import Size, Tensor, memory
from minigrad.windows import flat, offset_of, storage

File = str | os.PathLike[str] | IO[bytes]

_STORAGES = {
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16", "LongStorage": "int64",
    "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8",
    "BoolStorage": "bool", "ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
}  # fmt: skip
"""What torch calls the storage of each dtype in a file."""
_STORAGE_OF = {dtype: name for name, dtype in _STORAGES.items()}


class _Global:
    """A name of torch's, to be written into a pickle as such whether torch is there or not."""

    def __init__(self, path: str) -> None:
        self.module, _, self.name = path.rpartition(".")

    def __call__(self, *args: Any) -> Any:
        """Never called; only what can be is taken for the maker of an object."""


_REBUILD = _Global("torch._utils._rebuild_tensor_v2")
_REBUILD_WITH_STATE = _Global("torch._tensor._rebuild_from_type_v2")
_REBUILD_PARAMETER = _Global("torch._utils._rebuild_parameter")
_REBUILD_PARAMETER_WITH_STATE = _Global("torch._utils._rebuild_parameter_with_state")
_TENSOR, _SIZE, _DEVICE = _Global("torch.Tensor"), _Global("torch.Size"), _Global("torch.device")


class _Storage:
    """A storage on its way into a file."""

    def __init__(self, key: str, root: Array, dtype: str) -> None:
        self.key, self.root, self.dtype = key, root, dtype


class _Pickler(pickle._Pickler):
    """Writes tensors as torch does; Python's own class, since the faster one insists on importing what it names."""

    def __init__(self, file: IO[bytes], protocol: int) -> None:
        super().__init__(file, protocol)
        self.storages: dict[int, _Storage] = {}

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, _Storage):
            return None
        kind = _Global(f"torch.{_STORAGE_OF[obj.dtype]}")
        return "storage", kind, obj.key, "cpu", obj.root.nbytes // np.dtype(obj.dtype).itemsize

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, parameters.CLASSES):
            parts: tuple[Any, ...] = (obj.data, obj.requires_grad, OrderedDict())
            state = dict(obj.__dict__)
            return (_REBUILD_PARAMETER_WITH_STATE, (*parts, state)) if state else (_REBUILD_PARAMETER, parts)
        if isinstance(obj, Tensor):
            return self._taken_apart(obj)
        if isinstance(obj, Size):
            return _SIZE, (tuple(obj),)
        return (_DEVICE, (obj.type,)) if isinstance(obj, device) else NotImplemented

    def save(self, obj: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(obj, dtype):
            obj = _Global(f"torch.{obj.name}")
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode("ascii"))  # type: ignore[attr-defined]
        else:
            super().save(obj, *args, **kwargs)  # type: ignore[misc]

    def _taken_apart(self, x: Tensor) -> Any:
        serialization.warn_of_hooks(x)
        array = memory(x)
        root = storage(array)
        held = self.storages.setdefault(id(root), _Storage(str(len(self.storages)), root, array.dtype.name))
        if held.dtype != array.dtype.name:
            raise RuntimeError("Cannot save multiple tensors or storages that view the same data as different types")
        offset = offset_of(array) if array.size else 0
        parts: tuple[Any, ...] = (held, offset, array.shape, strides_of(array), x.requires_grad, OrderedDict())
        bits = bits_of(x)
        if bits:
            parts = (*parts, {name: True for bit, name in ((CONJ, "conj"), (NEG, "neg")) if bits & bit})
        if x.__dict__:
            return _REBUILD_WITH_STATE, (_REBUILD, _TENSOR, parts, dict(x.__dict__))
        return _REBUILD, parts


def save(
    obj: object,
    f: File,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write `obj` to a path or to a file that is open for writing bytes.

    Raises AttributeError for an `f` that is neither, RuntimeError for tensors that look at one memory as numbers of
    different dtypes, and whatever pickling an object raises.
    """
    if not _is_path(f) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    text = io.BytesIO()
    pickler = _Pickler(text, pickle_protocol)
    pickler.dump(obj)
    name = os.path.splitext(os.path.basename(os.fspath(f)))[0] if _is_path(f) else "archive"  # type: ignore[arg-type]
    with zipfile.ZipFile(f, "w") as archive:
        archive.writestr(f"{name}/data.pkl", text.getvalue())
        archive.writestr(f"{name}/byteorder", "little")
        for held in pickler.storages.values():
            stored = flat(held.root)
            archive.writestr(f"{name}/data/{held.key}", stored.astype(stored.dtype.newbyteorder("<")).tobytes())
        archive.writestr(f"{name}/version", "3\n")


def _is_path(f: Any) -> bool:
    return isinstance(f, str | os.PathLike)


# --- reading ---


def load(
    f: File,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """The object in a file that `save` wrote, here or in torch; all storages come to the CPU.

    With `weights_only`, the default, a file may name nothing but tensors, their parts and plain containers. Raises
    pickle.UnpicklingError for what names more and for what is no such file, AttributeError for an `f` that cannot
    be sought in, RuntimeError for storages of another device unless `map_location` sends them to the CPU.
    """
    opened: AbstractContextManager[Any] = nullcontext(f)
    if _is_path(f):
        opened = open(f, "rb")  # type: ignore[arg-type]  # noqa: SIM115 - closed by the `with` below
    elif not hasattr(f, "seek"):
        raise AttributeError(
            f"{type(f).__name__!r} object has no attribute 'seek'. You can only torch.load from a file that is "
            "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
        )
    with opened as file:
        start = file.tell()
        magic = file.read(4)
        file.seek(start)
        if not magic:
            raise EOFError
        if magic != b"PK\x03\x04":
            raise pickle.UnpicklingError("not a file of torch.save, or one in its old format, which is not read here")
        with zipfile.ZipFile(file) as archive:
            if weights_only is None:
                weights_only = pickle_module is None
            return _Unpickler(archive, map_location, weights_only, pickle_load_args).load()


def _rebuild(
    root: Array, offset: int, size: Any, stride: Any, requires_grad: bool, hooks: Any, bits: Any = None
) -> Tensor:
    width = root.itemsize
    made = serialization.over(
        root, offset * width, tuple(size), tuple(one * width for one in stride), root.dtype, Tensor
    )
    made._rg = requires_grad
    bits = bits or {}
    return set_bits(made, CONJ * bool(bits.get("conj")) | NEG * bool(bits.get("neg")))


def _rebuild_with_state(function: Callable[..., Tensor], kind: type[Tensor], parts: Any, state: Any) -> Tensor:
    made = function(*parts)
    made.__dict__.update(state)
    return made


def _rebuild_parameter(data: Tensor, requires_grad: bool, hooks: Any, state: Any = None) -> Tensor:
    made: Tensor = parameters.rebuild(data, requires_grad, state or {})
    return made


_NAMES: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "builtins.complex": complex,
    "builtins.set": set,
    "torch.Tensor": Tensor,
    "torch.Size": Size,
    "torch.device": device,
    "torch._utils._rebuild_tensor_v2": _rebuild,
    "torch._tensor._rebuild_from_type_v2": _rebuild_with_state,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": _rebuild_parameter,
    **{f"torch.{name}": kind for name, kind in _STORAGES.items()},
    **{f"torch.{kind.name}": kind for kind in dtypes.ALL},
}
"""What a file may name, in torch's words and ours."""


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, where: Any, weights_only: bool, options: dict[str, Any]) -> None:
        self.archive, self.where, self.weights_only = archive, where, weights_only
        text = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if text is None:
            raise pickle.UnpicklingError("a zip file without data.pkl is none of torch.save")
        self.root = text[: -len("data.pkl")]
        self.big = self.root + "byteorder" in archive.namelist() and archive.read(self.root + "byteorder") == b"big"
        self.read_storages: dict[str, Array] = {}
        super().__init__(io.BytesIO(archive.read(text)), **options)

    def find_class(self, module: str, name: str, /) -> Any:
        path = f"{module}.{name}".replace("__builtin__.", "builtins.")  # what pickles of protocol 2 say
        if path in _NAMES:
            return _NAMES[path]
        if self.weights_only:
            raise pickle.UnpicklingError(_NOT_ALLOWED.format(path=path))
        return super().find_class(module, name)

    def persistent_load(self, saved: Any, /) -> Array:
        _, kind, key, location, size = saved
        if key not in self.read_storages:
            order = np.dtype(kind).newbyteorder(">" if self.big else "<")
            read = np.frombuffer(self.archive.read(f"{self.root}data/{key}"), order, size).astype(kind)
            self.read_storages[key] = self._brought(read, location)
        return self.read_storages[key]

    def _brought(self, root: Array, location: str) -> Array:
        """The storage on the CPU, if that is where `map_location` has it come."""
        where = self.where
        if callable(where):
            found = where(UntypedStorage.behind(root), location)
            return root if found is None else found.window(root.dtype, root.shape, (1,), 0)
        wanted = where.get(location, location) if isinstance(where, dict) else location if where is None else where
        if device(wanted).type != "cpu":
            raise RuntimeError(
                f"Attempting to deserialize object on a {device(wanted).type.upper()} device but "
                f"torch.{device(wanted).type}.is_available() is False. If you are running on a CPU-only machine, "
                "please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU."
            )
        return root


_NOT_ALLOWED = (
    "Weights only load failed. This file can still be loaded, to do so you have two options, \033[1mdo those steps "
    "only if you trust the source of the checkpoint\033[0m. \n\t(1) In PyTorch 2.6, we changed the default value of "
    "the `weights_only` argument in `torch.load` from `False` to `True`. Re-running `torch.load` with `weights_only` "
    "set to `False` will likely succeed, but it can result in arbitrary code execution. Do it only if you got the "
    "file from a trusted source.\n\t(2) Alternatively, to load with `weights_only=True` please check the recommended "
    "steps in the following error message.\n\tWeightsUnpickler error: Unsupported global: GLOBAL {path} was not an "
    "allowed global by default. Please use `torch.serialization.add_safe_globals([{path}])` or the "
    "`torch.serialization.safe_globals([{path}])` context manager to allowlist this global if you trust this "
    "class/function.\n\nCheck the documentation of torch.load to learn more about types accepted by default with "
    "weights_only https://pytorch.org/docs/stable/generated/torch.load.html."
)
