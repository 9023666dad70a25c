"""What the normalisations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument, Kind, Operation, Tensor
from cnnspec.layers._tensors import BIAS, WEIGHT, affine_tensors, affine_text
from cnnspec.values import Size, Value

EPS: Final = Argument("eps", Real(minimum=0), 1e-5, doc="added to the variance before its root is taken")


class Norm(Kind):
    """A kind that subtracts a mean and divides by a deviation; then weight and bias, one of each a channel."""

    family = "normalisation"
    arguments: tuple[Argument, ...] = (EPS, WEIGHT, BIAS)
    formula = "the size stays"

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return None if self.needs == "image" and len(x) == 1 else x

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        return affine_tensors(a, x[-1])

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (self.explained(),)

    def explained(self) -> str:
        """Over which values the mean and the variance are taken."""
        raise NotImplementedError(self.name)

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return affine_text(op)
