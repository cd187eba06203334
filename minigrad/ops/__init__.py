"""The ops, by family. What most programs use is imported with this package, the rest as `later` says."""

from minigrad.ops import (
    arithmetic,
    comparison,
    conversion,
    copying,
    expanding,
    filling,
    geometry,
    indexing,
    joining,
    reduction,
    reshaping,
    restriding,
    slicing,
    transposing,
    undifferentiated,
)

__all__ = [
    "arithmetic",
    "comparison",
    "conversion",
    "copying",
    "expanding",
    "filling",
    "geometry",
    "indexing",
    "joining",
    "reduction",
    "reshaping",
    "restriding",
    "slicing",
    "transposing",
    "undifferentiated",
]
