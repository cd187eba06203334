"""The names that a program may use: an allow-list, so that a program from anybody can be run by an engine.

What may live here: words of torch's public surface that compute, differentiate or look. No word that reads or
writes files, loads or compiles code, or reaches into a module's inside; none that changes how other programs
run and cannot be undone. A word also stands for its in-place form with `_` appended.
"""

from __future__ import annotations

MODULES = frozenset(
    {
        "autograd", "autograd.forward_ad", "autograd.functional", "autograd.graph", "fft", "func", "linalg",
        "nn", "nn.functional", "special", "testing", "utils.checkpoint",
    }
)  # fmt: skip
"""What may stand before the last dot of a name below T."""

INSIDE = frozenset({"_backward_hooks", "_base", "_grad", "_is_view", "_sequence_nr", "_version"})
"""The names with a leading underscore that are looked at; `_saved_x` and `_raw_saved_x` are too."""

_WORDS = """
Buffer Function Generator GradientEdge H Node Parameter Size T Tensor abs absolute acos acosh adaptive_avg_pool1d
adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool1d_with_indices
adaptive_max_pool2d adaptive_max_pool2d_with_indices adaptive_max_pool3d adaptive_max_pool3d_with_indices
add addbmm addcdiv addcmul addmm addmv addr adjoint affine_grid affine_grid_generator alias_copy
all allclose allow_mutation_on_saved_tensors alpha_dropout amax amin aminmax angle any apply arange arccos
arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere as_strided as_strided_copy
as_strided_scatter as_tensor asarray asin asinh assert_close atan atan2 atanh atleast_1d atleast_2d
atleast_3d avg_pool1d avg_pool2d avg_pool3d backward baddbmm bartlett_window batch_norm bernoulli
bfloat16 bilinear binary_cross_entropy
binary_cross_entropy_with_logits bincount binomial bits bitwise_and bitwise_left_shift bitwise_not
bitwise_or bitwise_right_shift bitwise_xor blackman_window block_diag bmm bool broadcast_shapes
broadcast_tensors broadcast_to bucketize byte can_cast cartesian_prod cat cauchy_ cdist cdouble ceil celu
cfloat chain_matmul chalf channel_shuffle channels_last channels_last_3d char chebyshev_polynomial_t
chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w checkpoint checkpoint_sequential
cholesky cholesky_ex cholesky_inverse cholesky_solve chunk clamp clamp_max clamp_min clip clone column_stack
combinations complex complex128 complex32 complex64 concat concatenate cond conj conj_physical
constant_pad_nd contiguous contiguous_format conv1d conv2d conv3d conv_tbc conv_transpose1d
conv_transpose2d conv_transpose3d convolution copy copy_ copysign corrcoef cos cosh cosine_embedding_loss
cosine_similarity count count_nonzero cov cpu cross cross_entropy ctc_loss cummax cummin cumprod cumsum
cumulative_trapezoid data deg2rad det detach detach_copy detect_anomaly device diag diag_embed diagflat
diagonal diagonal_copy diagonal_scatter diff digamma dim dim_order disable_saved_tensors_hooks dist div
divide dot double dropout dropout1d dropout2d dropout3d dsplit dstack dtype dual_level e eig eigh eigvals
eigvalsh einsum element_size elu embedding embedding_bag embedding_renorm_ empty empty_like empty_permuted
empty_strided enable_grad enter_dual_level entr eps eq equal erf erfc erfcx erfinv exit_dual_level exp
exp2 expand expand_as expand_copy expit expm1 exponential_ eye feature_alpha_dropout feature_dropout fft
fft2 fftfreq fftn fftshift fill fill_diagonal_ finfo fix flatten flip fliplr flipud float float16 float32
float64 float_power floor floor_divide fmax fmin fmod fold frac fractional_max_pool2d
fractional_max_pool2d_with_indices fractional_max_pool3d fractional_max_pool3d_with_indices frexp
frobenius_norm from_numpy frombuffer full full_like func functional functional_call gammainc gammaincc
gammaln gather gaussian_nll_loss gcd ge gelu geometric_ geqrf ger get_default_dtype get_gradient_edge glu
grad grad_and_value grad_dtype grad_fn gradcheck gradgradcheck gradient greater greater_equal grid_sample
grid_sampler grid_sampler_2d grid_sampler_3d group_norm gt gumbel_softmax half hamming_window hann_window
hardshrink hardsigmoid hardswish hardtanh heaviside hermite_polynomial_h hermite_polynomial_he hessian
hfft hfft2 hfftn hinge_embedding_loss histc histogram histogramdd householder_product hsplit hstack
huber_loss hvp hypot i0 i0e i1 i1e ifft ifft2 ifftn ifftshift igamma igammac ihfft ihfft2 ihfftn iinfo
imag increment_version index index_add index_copy index_fill index_put index_reduce index_select indices
inf inference_mode initial_seed inner instance_norm int int16 int32 int64 int8 interpolate inv inv_ex
inverse irfft irfft2 irfftn is_anomaly_enabled is_complex is_conj is_contiguous is_cpu is_floating_point
is_grad_enabled is_inference is_inference_mode_enabled is_leaf is_meta is_neg is_nested is_nonzero
is_same_size is_set_to is_signed is_tensor isclose isfinite isin isinf isnan isneginf isposinf isreal
istft item itemsize jacfwd jacobian jacrev jvp kaiser_window kl_div kron kthvalue l1_loss
laguerre_polynomial_l layer_norm layout lcm ldexp ldl_factor ldl_factor_ex ldl_solve le leaky_relu
legendre_polynomial_p lerp less less_equal lgamma linear linearize linspace local_response_norm log log10
log1p log2 log_ndtr log_normal_ log_softmax logaddexp logaddexp2 logcumsumexp logdet logical_and
logical_not logical_or logical_xor logit logsigmoid logspace logsumexp long lp_pool1d lp_pool2d lp_pool3d
lstsq lt lu lu_factor lu_factor_ex lu_solve lu_unpack mH mT make_dual make_tensor manual_seed margin_ranking_loss
mark_dirty masked_fill masked_scatter masked_select matmul matrix_exp matrix_norm matrix_power matrix_rank
max max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices
max_unpool1d max_unpool2d max_unpool3d maximum mean median meshgrid metadata min minimum mish mm mode
modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 moveaxis movedim mse_loss
msort mul multi_dot multi_head_attention_forward multi_margin_loss multigammaln
multilabel_margin_loss multilabel_soft_margin_loss
multinomial multiply mv mvlgamma name nan nan_to_num nanmean nanmedian nanquantile nansum narrow
narrow_copy ndim ndimension ndtr ndtri ne neg negative new_empty new_empty_strided new_full new_ones
new_tensor new_zeros newaxis next_functions nextafter nll_loss no_grad node nonzero nonzero_static norm
norm_except_dim normal normalize not_equal nuclear_norm numel numpy one_hot ones ones_like orgqr ormqr
outer output_nr pad pairwise_distance pca_lowrank pdist permute permute_copy pi pinv pinverse
pixel_shuffle pixel_unshuffle poisson poisson_nll_loss polar polygamma positive pow prelu preserve_format
primal prod promote_types psi put qr quantile rad2deg rand rand_like randint randint_like randn randn_like
random_ randperm range ravel real reciprocal register_hook register_hooks register_multi_grad_hook
register_post_accumulate_grad_hook register_prehook relu relu6 remainder remove renorm repeat
repeat_interleave requires_grad reshape reshape_as resize resize_as resolution resolve_conj resolve_neg
result_type retain_grad retains_grad rfft rfft2 rfftfreq rfftn rms_norm roll rot90 round row_stack rrelu
rsqrt rsub save_on_cpu saved_tensors_hooks scalar_tensor scaled_dot_product_attention
scaled_modified_bessel_k0 scaled_modified_bessel_k1 scatter scatter_add scatter_reduce searchsorted seed
segment_reduce select select_copy select_scatter selu set_ set_default_dtype set_detect_anomaly
set_grad_enabled set_multithreading_enabled sgn shape shifted_chebyshev_polynomial_t
shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w short sigmoid
sign signbit silu sin sinc sinh size slice_copy slice_scatter slogdet smallest_normal smooth_l1_loss soft_margin_loss
softmax softmin softplus softshrink softsign solve solve_ex solve_triangular sort sparse_coo
spherical_bessel_j0 split split_copy split_with_sizes split_with_sizes_copy sqrt square squeeze
squeeze_copy stack std std_mean stft storage_offset stride strided sub subtract sum sum_to_size svd
svd_lowrank svdvals swapaxes swapdims t t_copy take take_along_dim tan tangent tanh tanhshrink tensor
tensor_split tensordot tensorinv tensorsolve threshold tile tiny to to_dense tolist topk trace transpose
transpose_copy trapezoid trapz tril tril_indices triangular_solve triplet_margin_loss triplet_margin_with_distance_loss
triu triu_indices true_divide trunc type type_as uint16 uint32 uint64 uint8 unbind unbind_copy unflatten
unfold unfold_copy uniform_ unique unique_consecutive unique_dim unpack_dual unravel_index unsqueeze
unsafe_chunk unsafe_split unsafe_split_with_sizes
unsqueeze_copy untyped_storage upsample upsample_bilinear upsample_nearest values vander var var_mean
variable vdot vecdot vector_norm vhp view view_as view_as_complex view_as_complex_copy view_as_real
view_as_real_copy view_copy vjp vmap vsplit vstack where xlog1py xlogy zero_ zeros zeros_like zeta
"""
WORDS = frozenset(_WORDS.split())


def knows(path: str) -> bool:
    """Whether a program may use `path`, dotted or not, as what stands after `T.` or after a receiver."""
    module, _, word = path.rpartition(".")
    return (not module or module in MODULES) and knows_word(word)


def knows_word(word: str) -> bool:
    """Whether a program may use `word` as the last part of a name."""
    return word in WORDS or word.removesuffix("_") in WORDS or word in INSIDE or _is_saved(word)


def _is_saved(word: str) -> bool:
    return word.startswith(("_saved_", "_raw_saved_")) and word.replace("_", "").isalnum() and word.isascii()
