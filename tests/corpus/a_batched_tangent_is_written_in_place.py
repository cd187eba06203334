# Writes in place within a forward jacobian computed as one batch are those of no leaf.
v0 = T.tensor([1.0, 2.0, 0.0], requires_grad=True)
v1 = v0 * 2
v2 = T.autograd.functional.jacobian(lambda x: x.clone().mul_(x).neg_(), v1, vectorize=True, strategy='forward-mode')
