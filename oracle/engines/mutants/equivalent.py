"""Derived mutants that cannot be told from minigrad, by name, with the reason for each.

What may live here: that table, by reason. What a rule can tell is not made in the first place (see `declarations`).
"""

from __future__ import annotations

_SHAPE = "the formula looks at the shape, dtype or memory of this operand alone"
_ALIKE = "what is saved instead has the same shape and dtype, and the formula looks at no more"
_UNUSED = "the derivative does not depend on the value of this operand"
_SYMMETRIC = "the formula gives the same with its operands in the other order"
_ZERO = "the gradient is 0 whatever the operands are"
_NEVER = "nothing calls the in-place form of this op"
_GUARDED = "what callers reach is guarded (minigrad.refusals), so that such arguments are refused before"
_FITTED = "the engine makes every gradient fit its leaf, so that none is of another dtype or size"
_APART = "complex numbers were taken apart before, into real and imaginary parts"
_OVERRIDDEN = "a base class says so, and every class that there is has its own"
_BEFORE = "the same was looked at before, where it is refused"
_OTHERWISE = "its operands and its result are not all of one dtype, so every such write takes the general way"

_BY_REASON: dict[str, str] = {
    _SHAPE: """
        gather-self-without-self take-self-without-self masked_select-self-without-self put-source-without-source
        index_add-source-without-source index_copy-source-without-source _fft_r2c-self-without-self
        _convolution_backward-grad_output-without-input _mse_loss_backward-self-without-self
        _mse_loss_backward-target-without-target
        _huber_loss_backward-grad_output-without-grad_output _soft_margin_loss_backward-grad_output-without-grad_output
        _triangular_solve-self-without-self _cholesky_solve-self-without-self
        _binary_cross_entropy_backward-target-without-target
    """,
    _ALIKE: """
        _mse_loss_backward-self-saves-result-for-self _mse_loss_backward-target-saves-result-for-target
    """,
    _UNUSED: """
        _native_layer_norm-input-without-bias _binary_cross_entropy-target-without-target
        _binary_cross_entropy_with_logits-target-without-target complex-real-without-real complex-imag-without-imag
    """,
    _SYMMETRIC: """
        _tanh_backward-output-grad_output-output-swapped _smooth_l1_loss_backward-self-self-target-swapped
        _smooth_l1_loss_backward-target-self-target-swapped _huber_loss_backward-self-self-target-swapped
        _huber_loss_backward-target-self-target-swapped nextafter-self-self-other-swapped
    """,
    _ZERO: """
        _div.Tensor_mode-self-without-other _div.Tensor_mode-other-self-other-swapped
        _div.Tensor_mode-other-without-self _div.Tensor_mode-other-without-other
    """,
    _NEVER: "_mul.Scalar-uncounted _div.Scalar-uncounted",
    _OTHERWISE: """
        _embedding_renorm-uncounted _eq_.Scalar-uncounted _ne_.Scalar-uncounted _lt_.Scalar-uncounted
        _le_.Scalar-uncounted _gt_.Scalar-uncounted _ge_.Scalar-uncounted
    """,
    _GUARDED: """
        minigrad.ops.contractions:inner-allows-1 minigrad.ops.conversion:type_as-allows-1
        minigrad.ops.copying:_check_format-allows-1 minigrad.ops.copying:copy_-allows-3
        minigrad.ops.expanding:expand_as-allows-1 minigrad.ops.extrema:_publish_extreme-allows-1
        minigrad.ops.filling:fill-allows-1 minigrad.ops.filling:fill_-allows-1
        minigrad.ops.joining:tensor_list-allows-1 minigrad.dispatch:_element-allows-1
        minigrad.dispatch:call_inplace-allows-1 minigrad.ops.reshaping:view_as-allows-1
        minigrad.ops.reshaping:reshape_as-allows-1 minigrad.ops.products:outer-allows-1
        minigrad.ops.products:matmul-allows-2 minigrad.ops.scattering:_scatter-allows-1
        minigrad.ops.reduction:sum_to_size-says-1 minigrad.ops.masking:_masked_fill-allows-1
        minigrad.ops.matrices:kron-allows-1
    """,
    _FITTED: """
        minigrad.autograd.gradcheck_checks:zero_cotangents-allows-2
        minigrad.autograd.gradcheck_checks:zero_cotangents-allows-3
        minigrad.autograd.gradcheck_checks:zero_cotangents-says-2
        minigrad.autograd.gradcheck_checks:zero_cotangents-says-3
        minigrad.autograd.gradcheck_jacobians:backward_jacobians-allows-1
        minigrad.autograd.gradcheck_jacobians:backward_jacobians-allows-2
        minigrad.autograd.gradcheck_jacobians:backward_jacobians-says-1
        minigrad.autograd.gradcheck_jacobians:backward_jacobians-says-2
        minigrad.autograd.gradcheck_jacobians:_matrices-allows-1
        minigrad.autograd.gradcheck_jacobians:_matrices-says-1
    """,
    _APART: """
        minigrad.autograd.gradcheck_jacobians:numerical_jacobians-allows-1
        minigrad.autograd.gradcheck_jacobians:numerical_jacobians-says-1
        minigrad.autograd.gradcheck_jacobians:_wirtinger-allows-1
        minigrad.autograd.gradcheck_jacobians:_wirtinger-allows-2
        minigrad.autograd.gradcheck_jacobians:_wirtinger-says-1
        minigrad.autograd.gradcheck_jacobians:_wirtinger-says-2
        minigrad.autograd.gradcheck_jacobians:forward_jacobians-allows-1
        minigrad.autograd.gradcheck_jacobians:forward_jacobians-says-1
    """,
    _OVERRIDDEN: """
        minigrad.node:Node.raw-allows-1 minigrad.node:Node.raw-says-1 minigrad.node:Node.sweep-allows-1
        minigrad.node:Node.ten-allows-1 minigrad.node:Node.ten-says-1
        minigrad.modes:ContextDecorator.__enter__-allows-1 minigrad.modes:ContextDecorator.__enter__-says-1
        minigrad.modes:ContextDecorator.__exit__-allows-1 minigrad.modes:ContextDecorator.__exit__-says-1
    """,
    _BEFORE: """
        minigrad.autograd.functional_arguments:require_grad-allows-3
        minigrad.autograd.functional_arguments:require_grad-says-3
        minigrad.autograd.functional_arguments:gradients-allows-1
        minigrad.autograd.functional_arguments:gradients-says-1
        minigrad.autograd.gradcheck_checks:_leaves-allows-1 minigrad.autograd.gradcheck_checks:_leaves-says-1
    """,
    "this operand is always made anew, of zeros, and nothing asks for its gradient": """
        _index_put_impl-self-negated _index_put_impl-self-doubled _index_put_impl-self-dropped
    """,
    "it stands for what is put in its place when minigrad is imported (`autograd.calling`)": """
        minigrad.node:Node.__call__-allows-1
    """,
    "it is worked out when minigrad is imported, before any bug is planted": "minigrad.ops.extrema:_position-says-1",
    "whoever comes here is told so in words of its own (which arguments do not fit together)": """
        minigrad.arguments:to_int-says-2
    """,
    "what is refused on the fast way goes the general one, where it is refused before it comes here": """
        minigrad.ops.triples:addcdiv-says-1
    """,
    "the general way is taken from then on, which gives the same": "minigrad.modes:_State.enter_special-uncounted-1",
    "what is generated is the same: it fails otherwise then, and what cannot be written is called instead": """
        minigrad.tracing:Trace.__bool__-allows-1 minigrad.tracing:Trace.__array__-allows-1
        minigrad.tracing:Trace.__array_ufunc__-allows-2 minigrad.tracing:Trace._with-allows-1
        minigrad.tracing:Trace.__neg__-allows-1 minigrad.tracing:_text-allows-1
    """,
    "what is generated then calls the same function of SciPy": "minigrad.tracing:Trace.__array_ufunc__-allows-1",
    "what stumbles over it in a batch is run for each member instead, whatever is said": """
        minigrad.autograd.batched:Facts.__getattr__-says-1 minigrad.autograd.batched:Facts.__array_ufunc__-says-1
    """,
    "infinities and nan become nan, which the formula gives the same gradient": "nan_to_num-self-without-self",
    "labels are 1 or -1, and the second derivative is even in them": """
        _soft_margin_loss_backward-self-without-target
    """,
}
EQUIVALENT: dict[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""By the mutant's name."""
