"""The `autograd.Function`s of the library: each shows one thing that such a function may do, or do wrong.

What may live here: class statements over `T` as text, printed before the program that uses one. They use
nothing but T. A header comment in the text would be lost, so what a class is for stands in its name.
"""

from __future__ import annotations

from oracle.program.faulty_classes import FAULTY

CLASSES = {
    "Double": """
class Double(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "Square": """
class Square(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x
""",
    "SavesItsResult": """
class SavesItsResult(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        result = 1 / x
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad):
        result, = ctx.saved_tensors
        return -grad * result * result
""",
    "SetupContext": """
class SetupContext(T.autograd.Function):
    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x
""",
    "WithJvp": """
class WithJvp(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x

    @staticmethod
    def jvp(ctx, tangent):
        x, = ctx.saved_tensors
        return tangent * 2 * x
""",
    "Product": """
class Product(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        needs_x, needs_y = ctx.needs_input_grad
        return grad * y if needs_x else None, grad * x if needs_y else None
""",
    "ScaledBy": """
class ScaledBy(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None
""",
    "TwoOutputs": """
class TwoOutputs(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, first, second):
        return first * 2 + second * 3
""",
    "Unmaterialized": """
class Unmaterialized(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, first, second):
        if first is None:
            return second * 3
        return first * 2 if second is None else first * 2 + second * 3
""",
    "NonDifferentiable": """
class NonDifferentiable(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        sign = x * 0 + 1
        ctx.mark_non_differentiable(sign)
        return x * 2, sign

    @staticmethod
    def backward(ctx, grad, unused):
        return grad * 2
""",
    "InPlace": """
class InPlace(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "InPlaceUnmarked": """
class InPlaceUnmarked(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "DirtyNotReturned": """
class DirtyNotReturned(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "ReturnsItsInput": """
class ReturnsItsInput(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "ReturnsAView": """
class ReturnsAView(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view(-1)

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "OnceDifferentiable": """
class OnceDifferentiable(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    @T.autograd.function.once_differentiable
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x
""",
    "TooManyGrads": """
class TooManyGrads(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad, grad
""",
    "TooFewGrads": """
class TooFewGrads(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad
""",
    "TrailingNones": """
class TrailingNones(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2, None, None
""",
    "GradOfWrongShape": """
class GradOfWrongShape(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return T.ones(7)
""",
    "GradsOfWrongShape": """
class GradsOfWrongShape(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad, T.ones(7)
""",
    "GradOfWrongType": """
class GradOfWrongType(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return 1
""",
    "NoGrad": """
class NoGrad(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return None
""",
    "NoBackward": """
class NoBackward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
""",
    "RaisesForward": """
class RaisesForward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        raise ValueError("forward refuses")

    @staticmethod
    def backward(ctx, grad):
        return grad
""",
    "RaisesBackward": """
class RaisesBackward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ValueError("backward refuses")
""",
    "OutputThatIsNoTensor": """
class OutputThatIsNoTensor(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, 3

    @staticmethod
    def backward(ctx, grad, unused):
        return grad * 2
""",
    "SavesAnIntermediate": """
class SavesAnIntermediate(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        twice = x * 2
        ctx.save_for_backward(twice)
        return twice * x

    @staticmethod
    def backward(ctx, grad):
        twice, = ctx.saved_tensors
        return grad * twice * 2
""",
    "SavesANumber": """
class SavesANumber(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x, 2)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "WritesIntoItsGrad": """
class WritesIntoItsGrad(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad.mul_(2)
""",
    "Reentrant": """
class Reentrant(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        with T.enable_grad():
            inner = x.detach().requires_grad_()
            result = (inner * inner).sum()
            return grad * T.autograd.grad(result, inner)[0]
""",
    **FAULTY,
}
"""The text of each class by its name."""
