"""More `autograd.Function`s of the library: those whose mistakes torch has words for, and what goes with them.

What may live here: class statements over `T` as text, as in `classes`, whose table holds these, too.
"""

from __future__ import annotations

FAULTY = {
    "NoForward": """
class NoForward(T.autograd.Function):
    @staticmethod
    def backward(ctx, grad):
        return grad
""",
    "BackwardAndVjp": """
class BackwardAndVjp(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

    @staticmethod
    def vjp(ctx, grad):
        return grad * 2
""",
    "GradOfANumber": """
class GradOfANumber(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor=2):
        return x * factor

    @staticmethod
    def backward(ctx, grad):
        return grad * 2, grad
""",
    "SavesANumberForForward": """
class SavesANumberForForward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_forward(x, 2)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "MarksANumberDirty": """
class MarksANumberDirty(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(2)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "ReadsWhatIsNotThere": """
class ReadsWhatIsNotThere(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * ctx.factor

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "SetsUpNothing": """
class SetsUpNothing(T.autograd.Function):
    @staticmethod
    def forward(x):
        return x * 2

    @staticmethod
    def setup_context(ctx, inputs, output):
        T.autograd.Function.setup_context(ctx, inputs, output)

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "SavesInVain": """
class SavesInVain(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "InPlaceAndMore": """
class InPlaceAndMore(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x, x * 3

    @staticmethod
    def backward(ctx, first, second):
        return first * 2 + second * 6
""",
}
"""The text of each class by its name."""
