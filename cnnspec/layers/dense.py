"""The dense layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._tensors import BIAS, KERNEL, per_channel, plus_bias
from cnnspec.values import UNKNOWN, Dim, Size, Value, as_whole, show, show_count


class Dense(Kind):
    """Joins each of its units with every number of a vector: weight times input plus bias.

    A vector of any size becomes one of `units`; an image has to pass `flatten` or `global_avgpool` first. Parameters:
    units * (inputs + 1). Multiply-and-adds: units * inputs. Layout of `weight`: (units, inputs), of `bias`: (units).
    """

    family = "dense"
    needs = "vector"
    arguments = (
        Argument("units", Whole(), doc="number of units, which is the size of the output"),
        KERNEL,
        BIAS._replace(doc="one number for each unit; false: none"),
    )
    formula = "units"
    source = "ONNX operator Gemm"
    example = "input 400\ndense 120 | relu -> 120, 48_120 params\n"

    def output_size(self, a: Any, x: Size) -> Size:
        return (a.units,)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        units = as_whole(given.get("units"))
        return (UNKNOWN if units is None or units < 1 else units,)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        inputs: Any = x[0]
        weight = Tensor("weight", (a.units, inputs), fan_in=inputs, fan_out=a.units)
        return (weight, *per_channel("bias", a.bias, a.units, "zeros"))

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        return y[0] * x[0]

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (say("units = {units}", units=show(op.args.units)),)

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        bias = plus_bias(op)
        rule, numbers = (f"({n}{bias})" if bias else n for n in (say("inputs"), show(op.input[0])))
        return (f"{rule}*{say('units')} = {numbers}*{show(op.args.units)} = {show_count(op.params)}",)

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        rule = f"{say('inputs')}*{say('units')}"
        return (f"{rule} = {show(op.input[0])}*{show(op.args.units)} = {show_count(op.macs)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Gemm", inputs[0], *(g.tensor(t.name) for t in op.tensors), transB=1)


KIND = Dense()
