"""Engines by name: those of the entry-point group `gradfuzz.engines`, and the built-in ones in any case.

What may live here: finding and loading. An engine that fails to load is an EngineUnavailable with its reason.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from oracle.engines.base import Engine, EngineUnavailable
from oracle.errors import HarnessError

GROUP = "gradfuzz.engines"

_BUILT_IN = {
    "torch": "oracle.engines.torch_engine:TorchEngine",
    "minigrad": "oracle.engines.minigrad_engine:MinigradEngine",
    **{
        name: f"oracle.engines.torch_ways:{way}"
        for name, way in (
            ("torch:vjp", "FuncVjp"),
            ("torch:grad", "FuncGrad"),
            ("torch:vmap", "Batched"),
            ("torch:mapped", "Mapped"),
            ("torch:jvp", "Forward"),
            ("torch:jvp-of-vjp", "ForwardOverReverse"),
            ("torch:vjp-of-jvp", "ReverseOverForward"),
            ("torch:rewritten", "Rewritten"),
            ("torch:create-graph", "Taped"),
            ("torch:batched", "GradsBatched"),
            ("torch:checkpoint", "Checkpointed"),
        )
    },
    **{
        name: f"oracle.engines.torch_transforms:{transform}"
        for name, transform in (
            ("torch:strided", "OtherLayout"),
            ("torch:functionalize", "Functionalized"),
            ("torch:functionalize-views", "FunctionalizedViews"),
            ("torch:fake", "Fake"),
            ("torch:compile", "Compiled"),
            ("torch:compile-aot", "CompiledAot"),
        )
    },
    "torch:cuda": "oracle.engines.torch_device:Cuda",
    "torch:float64": "oracle.engines.torch_precision:InDoubles",
    "numbers": "oracle.engines.numbers:Numbers",
    "hips": "oracle.engines.hips_engine:HipsEngine",
    "mygrad": "oracle.engines.mygrad_engine:MygradEngine",
    "jax": "oracle.engines.jax_engine:JaxEngine",
    "mlx": "oracle.engines.mlx_engine:MlxEngine",
    "paddle": "oracle.engines.paddle_engine:PaddleEngine",
    "recorded": "oracle.engines.recorded:RecordedEngine",
}
"""Known also where gradfuzz runs from a source tree that is not installed."""


def names() -> list[str]:
    """All engines that can be asked for, whether or not they can be loaded here."""
    return sorted({*_BUILT_IN, *_installed()})


RECORDED = (".jsonl", ".jsonl.gz")
"""A name that ends so is a file of recorded answers."""

_LOADED: dict[str, Engine] = {}


def loaded() -> list[Engine]:
    """The engines that this process has loaded so far."""
    return list(_LOADED.values())


def load(name: str) -> Engine:
    """The engine called `name`, or the answers recorded in the file of that name, made once per process.

    Raises HarnessError for a name that nobody registered, EngineUnavailable for one that cannot be loaded.
    """
    if name in _LOADED:
        return _LOADED[name]
    if name.endswith(RECORDED):
        from oracle.engines.recorded import RecordedEngine

        return _LOADED.setdefault(name, RecordedEngine(name))
    installed = _installed()
    if name not in installed and name not in _BUILT_IN:
        raise HarnessError(f"there is no engine {name!r}; there are {', '.join(names())}. See `gradfuzz engines`")
    place = installed[name].value if name in installed else _BUILT_IN[name]
    module, _, attribute = place.partition(":")
    try:
        engine = getattr(import_module(module), attribute)()
    except EngineUnavailable:
        raise
    except Exception as error:
        raise EngineUnavailable(
            f"engine {name} ({place}) could not be loaded: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(engine, Engine):
        raise EngineUnavailable(f"engine {name} ({place}) is no subclass of oracle.engines.base.Engine")
    _LOADED[name] = engine
    return engine


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


__all__ = ["GROUP", "Engine", "EngineUnavailable", "load", "loaded", "names"]
