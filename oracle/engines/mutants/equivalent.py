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
        _binary_cross_entropy_with_logits-target-without-target
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
    "this operand is always made anew, of zeros, and nothing asks for its gradient": """
        _index_put_impl-self-negated _index_put_impl-self-doubled _index_put_impl-self-dropped
    """,
    "infinities and nan become nan, which the formula gives the same gradient": "nan_to_num-self-without-self",
    "labels are 1 or -1, and the second derivative is even in them": """
        _soft_margin_loss_backward-self-without-target
    """,
}
EQUIVALENT: dict[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""By the mutant's name."""
