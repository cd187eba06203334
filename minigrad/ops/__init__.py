"""The ops, by family; importing this package declares them all."""

from minigrad.ops import arithmetic, copying, joining, reduction, shape

__all__ = ["arithmetic", "copying", "joining", "reduction", "shape"]
