"""The families of ops that are imported when one of their names is first asked for, and these names.

What may live here: the table. A bare name is a method of Tensor and a function of the namespace, `.name` a method
alone, `:name` a function alone, `@name` an attribute. `tests/minigrad/test_later.py` holds it
against what the families publish.
"""

FAMILIES = {
    "activations": """
        hardshrink :nn.functional.relu :nn.functional.threshold :threshold :nn.functional.hardtanh
        :nn.functional.relu6 :nn.functional.relu_ :nn.functional.threshold_ :threshold_ :nn.functional.hardtanh_
        :nn.functional.softplus :nn.functional.silu :nn.functional.mish :nn.functional.softsign
        :nn.functional.hardshrink :nn.functional.tanhshrink :nn.functional.softmax :nn.functional.softmin
        :nn.functional.log_softmax :nn.functional.sigmoid :nn.functional.tanh
    """,
    "added_products": "addmm addmv addr baddbmm addbmm .addmm_ addmv_ .addr_ .baddbmm_ .addbmm_",
    "areas": ":trapezoid :trapz :cumulative_trapezoid",
    "attention": ":nn.functional.scaled_dot_product_attention",
    "batch_norms": ":batch_norm :nn.functional.batch_norm :instance_norm :nn.functional.instance_norm",
    "class_losses": ":nn.functional.nll_loss :nn.functional.cross_entropy",
    "clamping": "clamp clamp_ clip clip_ clamp_min clamp_min_ clamp_max clamp_max_",
    "columns": ":nn.functional.unfold :nn.functional.fold",
    "complex_parts": "@real @imag :complex :polar",
    "complex_views": """
        conj _neg_view conj_physical resolve_conj resolve_neg conj_physical_ :view_as_real :view_as_complex :real
        :imag
    """,
    "bessel": """
        :special.modified_bessel_i0 :special.modified_bessel_i1 :special.modified_bessel_k0
        :special.modified_bessel_k1 :special.scaled_modified_bessel_k0 :special.scaled_modified_bessel_k1
        :special.spherical_bessel_j0
    """,
    "gammas": """
        igamma igammac mvlgamma .igamma_ .igammac_ .mvlgamma_ :special.gammainc :special.gammaincc
        :special.multigammaln :special.zeta :special.xlog1py
    """,
    "normal_law": ":special.entr :special.ndtr :special.ndtri :special.log_ndtr :special.erfcx",
    "random_laws": ".exponential_ .cauchy_ .geometric_ .log_normal_",
    "sampling": ":normal :poisson multinomial :nn.functional.gumbel_softmax",
    "tapers": """
        :signal.windows.exponential :signal.windows.cosine :signal.windows.gaussian :signal.windows.kaiser
        :signal.windows.bartlett :signal.windows.general_cosine :signal.windows.general_hamming
        :signal.windows.hamming :signal.windows.hann :signal.windows.blackman :signal.windows.nuttall
        :hann_window :hamming_window :bartlett_window :blackman_window :kaiser_window
    """,
    "unpooling": ":nn.functional.max_unpool1d :nn.functional.max_unpool2d :nn.functional.max_unpool3d",
    "affine_grids": ":affine_grid_generator :nn.functional.affine_grid",
    "one_hot": ":nn.functional.one_hot",
    "ranks": ":linalg.matrix_rank",
    "slopes": ":gradient",
    "frexp": "frexp gcd lcm .gcd_ .lcm_",
    "searching": ":searchsorted :bucketize :isin",
    "uniques": "unique unique_consecutive",
    "counting": "histc bincount",
    "covariances": "cov corrcoef",
    "contractions": "inner :einsum :tensordot",
    "convolution": """
        :conv1d :nn.functional.conv1d :conv_transpose1d :nn.functional.conv_transpose1d :conv2d
        :nn.functional.conv2d :conv_transpose2d :nn.functional.conv_transpose2d :conv3d :nn.functional.conv3d
        :conv_transpose3d :nn.functional.conv_transpose3d
    """,
    "determinants": "det slogdet logdet :linalg.det :linalg.slogdet",
    "difference_losses": """
        :nn.functional.mse_loss :nn.functional.l1_loss :nn.functional.smooth_l1_loss :nn.functional.huber_loss
        :nn.functional.soft_margin_loss
    """,
    "distances": ":cdist",
    "division": """
        .__truediv__ .__rtruediv__ .__itruediv__ .__floordiv__ .__rfloordiv__ .__ifloordiv__ .__mod__ .__rmod__
        .__imod__ div divide true_divide floor_divide remainder fmod .div_ .divide_ .true_divide_ .floor_divide_
        .remainder_ .fmod_
    """,
    "dropping": """
        :dropout :dropout_ :alpha_dropout :alpha_dropout_ :feature_dropout :feature_dropout_ :feature_alpha_dropout
        :feature_alpha_dropout_ :nn.functional.dropout :nn.functional.alpha_dropout
        :nn.functional.feature_alpha_dropout :nn.functional.dropout1d :nn.functional.dropout2d
        :nn.functional.dropout3d
    """,
    "eigenvalues": ":linalg.eigh :linalg.eigvalsh :linalg.eig :linalg.eigvals",
    "embedding": ":embedding :embedding_renorm_ :nn.functional.embedding",
    "exponential": """
        exp exp2 expm1 log log10 log2 log1p sigmoid .exp_ .exp2_ .expm1_ .log_ .log10_ .log2_ .log1p_ .sigmoid_
    """,
    "extrema": "max min amax amin aminmax argmax argmin median nanmedian kthvalue mode",
    "fourier_forms": """
        :fft.fft :fft.ifft :fft.rfft :fft.ihfft :fft.irfft :fft.hfft :fft.fft2 :fft.fftn :fft.ifft2 :fft.ifftn
        :fft.rfft2 :fft.rfftn :fft.irfft2 :fft.irfftn :fft.hfft2 :fft.hfftn :fft.ihfft2 :fft.ihfftn :fft.fftshift
        :fft.ifftshift :fft.fftfreq :fft.rfftfreq
    """,
    "function_forms": """
        :abs_ :acos_ :asin_ :atan_ :ceil_ :cos_ :cosh_ :deg2rad_ :erf_ :erfc_ :exp_ :exp2_ :expm1_ :floor_ :frac_
        :i0_ :ldexp_ :log_ :log10_ :log1p_ :log2_ :logit_ :nan_to_num_ :neg_ :rad2deg_ :reciprocal_ :relu_ :round_
        :rsqrt_ :sigmoid_ :sin_ :sinc_ :sinh_ :sqrt_ :tan_ :tanh_ :trunc_ :xlogy_ :special.digamma :special.erf
        :special.erfc :special.erfinv :special.exp2 :special.expit :special.expm1 :special.gammaln :special.i0
        :special.log1p :special.logit :special.logsumexp :special.polygamma :special.psi :special.round
        :special.sinc :special.xlogy :special.i0e :special.i1 :special.i1e
    """,
    "gates": """
        :nn.functional.gelu :nn.functional.glu :nn.functional.hardsigmoid :nn.functional.hardswish
        :nn.functional.softshrink
    """,
    "gathering": "gather take_along_dim index_select take masked_select nonzero nonzero_static argwhere",
    "grids": ":meshgrid :cartesian_prod :combinations :unravel_index",
    "group_norms": ":group_norm :nn.functional.group_norm",
    "index_writes": "index_add index_copy index_fill .index_add_ .index_copy_ .index_fill_",
    "inplace_views": ".squeeze_ .unsqueeze_ .transpose_ .swapdims_ .swapaxes_ .t_ as_strided_",
    "layer_norms": """
        :layer_norm :nn.functional.layer_norm :rms_norm :nn.functional.rms_norm :nn.functional.local_response_norm
    """,
    "leaky": """
        :nn.functional.leaky_relu :nn.functional.elu :nn.functional.selu :nn.functional.celu :selu :celu
        :nn.functional.rrelu :rrelu :nn.functional.rrelu_ :rrelu_ :nn.functional.celu_ :celu_ :nn.functional.selu_
        :selu_ :nn.functional.leaky_relu_ :nn.functional.elu_
    """,
    "linear": ":nn.functional.linear :nn.functional.normalize",
    "old_lu": "lu",
    "lu": "lu_solve :linalg.lu :linalg.lu_factor_ex :linalg.lu_factor :lu_unpack :linalg.lu_solve",
    "margin_losses": """
        :nn.functional.hinge_embedding_loss :nn.functional.margin_ranking_loss :nn.functional.cosine_embedding_loss
        :nn.functional.triplet_margin_loss :nn.functional.triplet_margin_with_distance_loss
        :nn.functional.multi_margin_loss :nn.functional.multilabel_margin_loss
        :nn.functional.multilabel_soft_margin_loss
    """,
    "masking": "masked_fill masked_scatter .masked_fill_ .masked_scatter_",
    "matrices": "trace cross kron :linalg.cross :linalg.vecdot",
    "matrix_checks": ":linalg.LinAlgError :_C._LinAlgError",
    "matrix_functions": """
        matrix_exp matrix_power :linalg.matrix_exp :linalg.matrix_power :linalg.multi_dot :chain_matmul
    """,
    "matrix_norms": ":linalg.matrix_norm :linalg.norm :linalg.cond",
    "moments": "var std :var_mean :std_mean",
    "multi_head": ":nn.functional.multi_head_attention_forward",
    "nan_sums": "nansum nanmean",
    "norms": "norm dist renorm .renorm_ :linalg.vector_norm",
    "order": "sort argsort msort topk",
    "orthogonal": "qr :linalg.qr",
    "padding": ":constant_pad_nd :nn.functional.pad",
    "pairs": """
        atan2 arctan2 hypot logaddexp logaddexp2 xlogy xlogy_ copysign ldexp heaviside nextafter .atan2_ .arctan2_
        .hypot_ .copysign_ .ldexp_ .heaviside_ .nextafter_
    """,
    "parameters": ".as_subclass :nn.Parameter :nn.Buffer :nn.parameter.Parameter :nn.parameter.Buffer",
    "patching": "select_scatter slice_scatter diagonal_scatter as_strided_scatter",
    "pooling": """
        :max_pool1d :nn.functional.max_pool1d :nn.functional.max_pool1d_with_indices :max_pool2d
        :nn.functional.max_pool2d :nn.functional.max_pool2d_with_indices :max_pool3d :nn.functional.max_pool3d
        :nn.functional.max_pool3d_with_indices :avg_pool1d :nn.functional.avg_pool1d :nn.functional.avg_pool2d
        :nn.functional.avg_pool3d :nn.functional.lp_pool1d :nn.functional.lp_pool2d :nn.functional.lp_pool3d
        :adaptive_avg_pool1d :nn.functional.adaptive_avg_pool1d :nn.functional.adaptive_avg_pool2d
        :nn.functional.adaptive_avg_pool3d :adaptive_max_pool1d :nn.functional.adaptive_max_pool1d
        :nn.functional.adaptive_max_pool2d :nn.functional.adaptive_max_pool3d
    """,
    "powers": """
        .__pow__ .__rpow__ .__ipow__ sqrt rsqrt pow square square_ float_power .sqrt_ .rsqrt_ .pow_ .float_power_
    """,
    "prelu": "prelu :nn.functional.prelu",
    "probability_losses": """
        :nn.functional.logsigmoid :nn.functional.binary_cross_entropy
        :nn.functional.binary_cross_entropy_with_logits :nn.functional.kl_div :nn.functional.poisson_nll_loss
        :nn.functional.gaussian_nll_loss
    """,
    "products": ".__matmul__ .__rmatmul__ dot vdot outer ger mv mm bmm matmul",
    "quantiles": "quantile nanquantile",
    "random_fills": ".uniform_ .normal_ .random_ .bernoulli_ bernoulli",
    "rearranging": "flip fliplr flipud roll rot90 tril triu diag_embed diag diagflat .tril_ .triu_",
    "reducing": "scatter_reduce index_reduce .scatter_reduce_ .index_reduce_",
    "resampling": """
        :nn.functional.interpolate :nn.functional.upsample :nn.functional.upsample_nearest
        :nn.functional.upsample_bilinear
    """,
    "resizing": ".resize_ resize_as_",
    "rounding": """
        ceil floor trunc round round_ frac sign sgn abs isfinite absolute fix fix_ .ceil_ .floor_ .trunc_ .frac_
        .sign_ .sgn_ .abs_ .absolute_ .__abs__
    """,
    "scans": "cumsum cumprod cummax cummin logcumsumexp diff .cumsum_ .cumprod_",
    "scattering": "scatter scatter_add put .scatter_ .scatter_add_ .put_",
    "selection": "where maximum minimum fmax fmin relu nan_to_num .relu_ .nan_to_num_",
    "setting": ".set_",
    "shuffling": """
        :pixel_shuffle :nn.functional.pixel_shuffle :pixel_unshuffle :nn.functional.pixel_unshuffle :channel_shuffle
        :nn.functional.channel_shuffle :native_channel_shuffle :nn.functional.native_channel_shuffle
    """,
    "similarities": """
        :cosine_similarity :nn.functional.cosine_similarity :pairwise_distance :nn.functional.pairwise_distance
        :pdist :nn.functional.pdist
    """,
    "singular_values": "svd pinverse :linalg.svd :linalg.svdvals :linalg.pinv",
    "softmax": "softmax log_softmax logsumexp :special.softmax :special.log_softmax",
    "solving": "inverse :linalg.solve :linalg.solve_ex :linalg.inv_ex :linalg.inv",
    "special": """
        erf erfc erfinv lgamma digamma polygamma i0 logit .erf_ .erfc_ .erfinv_ .lgamma_ .digamma_ .polygamma_ .i0_
        .logit_
    """,
    "splitting": """
        unbind split_with_sizes split chunk tensor_split hsplit vsplit dsplit unsafe_split unsafe_split_with_sizes
        unsafe_chunk
    """,
    "tensor_inverses": """
        :linalg.tensorinv :linalg.tensorsolve :linalg.matmul :linalg.diagonal :linalg.vander :vander
    """,
    "triangular": """
        triangular_solve cholesky cholesky_inverse cholesky_solve :linalg.solve_triangular :linalg.cholesky_ex
        :linalg.cholesky
    """,
    "trigonometric": """
        sin cos tan sinh cosh tanh asin acos atan asinh asinh_ acosh acosh_ atanh atanh_ arcsin arcsin_ arccos
        arccos_ arctan arctan_ arcsinh arcsinh_ arccosh arccosh_ arctanh arctanh_ sinc angle deg2rad rad2deg .sin_
        .cos_ .tan_ .sinh_ .cosh_ .tanh_ .asin_ .acos_ .atan_ .sinc_ .deg2rad_ .rad2deg_
    """,
    "trilinear": ":bilinear :nn.functional.bilinear",
    "triples": "lerp addcmul addcdiv .lerp_ .addcmul_ .addcdiv_",
    "view_copies": """
        narrow_copy :alias_copy :diagonal_copy :select_copy :slice_copy :split_copy :split_with_sizes_copy :t_copy
        :transpose_copy :unbind_copy :unfold_copy :unsqueeze_copy :view_as_complex_copy :view_as_real_copy
        :expand_copy :permute_copy :squeeze_copy :view_copy :as_strided_copy :detach_copy
    """,
}
