"""Derived mutants that change something, but nothing that a program of the language can say, by name, with the reason.

What may live here: that table, by reason. What the language could say and no program does yet is no reason.
"""

from __future__ import annotations

_BY_REASON: dict[str, str] = {
    "it shows where passes nest deeper than `DEEPEST`, and a function of the library runs one within another": """
        minigrad.modes:in_fresh_thread-allows-1 minigrad.engine:execute-uncounted-1
        minigrad.straight:leaf_gradients-uncounted-1
    """,
    "a program has no mapping that is no dict": """
        minigrad.autograd.gradients:as_inputs-allows-2 minigrad.autograd.gradients:as_inputs-says-2
    """,
    "a program has no word for it: it calls no node, pickles none, and numbers none anew": """
        minigrad.autograd.function:BackwardCFunction.__call__-allows-1
        minigrad.autograd.function:BackwardCFunction.__call__-says-1
        minigrad.node:Node._set_sequence_nr-allows-1 minigrad.node:Node._set_sequence_nr-says-1
        minigrad.node:Node.__reduce_ex__-allows-1 minigrad.node:Node.__reduce_ex__-says-1
    """,
    "a program decorates no class": "minigrad.modes:ContextDecorator.__call__-says-1",
    "a program has no NumPy array of another byte order, of negative or of odd strides, and no list of arrays": """
        minigrad.from_data:from_ndarray-allows-1 minigrad.from_data:from_ndarray-allows-2
        minigrad.from_data:from_ndarray-allows-3 minigrad.from_data:from_ndarray-says-1
        minigrad.from_data:from_ndarray-says-2 minigrad.from_data:from_ndarray-says-3
        minigrad.from_data:from_ndarray-says-4 minigrad.from_data:_supported-allows-1
        minigrad.from_data:_supported-says-1 minigrad.from_data:_store-says-3
    """,
    "a program nests lists no deeper than 64 (`oracle.program.expressions.DEEPEST_VALUE`)": """
        minigrad.from_data:_sizes-allows-1 minigrad.from_data:_sizes-says-1
    """,
    "no function of the library computes in batches within batches": """
        minigrad.autograd.batched:size_of-allows-1 minigrad.autograd.batched:size_of-says-1
    """,
    "torch answers where minigrad says what it lacks, so that programs part there with the bug and without it": """
        minigrad.dtypes:_no_complex32-says-1 minigrad.dtypes:result_dtype-allows-1
    """,
    "torch ends the process over it (a leaf's node that a function has left without its variable)": """
        minigrad.engine:_reach_leaf-allows-1 minigrad.engine:_reach_leaf-says-1
    """,
    "a program has no tensor of a subclass that loses it when it is detached": """
        minigrad.ops.parameters:Parameter.__new__-allows-1 minigrad.ops.parameters:Parameter.__new__-says-1
    """,
    "nothing can be read of what torch leaves of a tensor that it was to give less than no elements": """
        minigrad.ops.resizing:_resized-allows-2 minigrad.ops.resizing:_resized-says-2
    """,
    "a program has no list that contains itself": """
        minigrad.from_data:infer_dtype-allows-3 minigrad.from_data:infer_dtype-says-3
    """,
    "it is said to who writes ops of minigrad, whose ops are written": """
        minigrad.registry:inplace_of-allows-1 minigrad.registry:inplace_of-says-1
        minigrad.dtypes:scalar_dtype-allows-1 minigrad.dtypes:scalar_dtype-says-1
        minigrad.dtypes:result_dtype-allows-2 minigrad.dtypes:result_dtype-says-1
    """,
    "the language has no such word (to_complex, an attribute that no dtype has)": """
        minigrad.dtypes:dtype.__setattr__-allows-1 minigrad.dtypes:dtype.__setattr__-says-1
        minigrad.dtypes:dtype.to_complex-allows-1 minigrad.dtypes:dtype.to_complex-allows-2
        minigrad.dtypes:dtype.to_complex-says-1
    """,
}
BEYOND: dict[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""By the mutant's name."""
