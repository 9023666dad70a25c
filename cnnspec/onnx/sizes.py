"""Sizes that letters leave open (`input HxWx3`), computed in the graph from the shapes of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper

from cnnspec.network import Network
from cnnspec.symbolic import Atom, Expression
from cnnspec.values import Dim


class OpenSizes:
    """Makes the nodes that compute sizes: each size once in a graph, as a list of one 64-bit integer.

    A node and what it yields are named by the size itself, such as `(H + 1) // 2`. Names of layers begin with a small
    letter and hold neither capitals nor spaces, so no other value of the graph is called that.
    """

    def __init__(self, net: Network) -> None:
        self._places: dict[str, tuple[str, int, Expression]] = {}  # input, axis and size by which a letter is known
        for name, size in net.inputs.items():
            for axis, n in enumerate(size):
                if isinstance(n, Expression):
                    place = 1 if axis == len(size) - 1 else axis + 2  # (N, channels, spatial axes)
                    self._places.setdefault(n.letters[0], (name, place, n))
        self._made: list[onnx.NodeProto] = []
        self._names: set[str] = set()

    def take(self) -> list[onnx.NodeProto]:
        """The nodes that were made since the last call."""
        made, self._made = self._made, []
        return made

    def name(self, size: Dim) -> str:
        """The graph's name of the size."""
        name = str(size)
        if name in self._names:
            return name
        if not isinstance(size, Expression):
            return self._node("Constant", name, value=onnx.numpy_helper.from_array(np.asarray([size], "<i8")))
        total: Any = None
        for product, factor in size.terms.items():
            part = Expression({product: factor}) if product else factor
            if total is None:
                self._product(part)
                total = part
            else:
                self._binary("Add", total + part, total, part)
                total = total + part
        return str(total)

    def _product(self, part: Any) -> str:
        """A term: a factor times letters and floors."""
        if not isinstance(part, Expression) or str(part) in self._names:
            return self.name(part)
        ((product, factor),) = part.terms.items()
        so_far: Any = Expression({product[:1]: 1})
        self._atom(product[0])
        for atom in product[1:]:
            one = Expression({(atom,): 1})
            self._binary("Mul", so_far * one, so_far, one)
            so_far = so_far * one
        return str(so_far) if factor == 1 else self._binary("Mul", part, so_far, factor)

    def _binary(self, operator: str, result: Any, left: Any, right: Any) -> str:
        if str(result) in self._names:
            return str(result)
        return self._node(operator, str(result), self._value(left), self._value(right))

    def _value(self, size: Any) -> str:
        """The name of a number, a term, or a sum that has been made."""
        return str(size) if str(size) in self._names else self._product(size)

    def _atom(self, atom: Atom) -> str:
        if str(atom) in self._names:
            return str(atom)
        if not atom.divisor:
            return self._letter(atom.name)
        # ONNX's Div cuts off towards zero. That is the floor: simplified numerators are sums of what is not negative.
        return self._node("Div", str(atom), self.name(atom.numerator), self.name(atom.divisor))

    def _letter(self, letter: str) -> str:
        """The value of a letter, from the first axis that it stands in."""
        name, place, size = self._places[letter]
        shape = self._node("Shape", f"shape of {name}", name)
        value = self._node("Gather", str(size), shape, self.name(place), axis=0)
        added = size.terms.get((), 0)
        if added:
            value = self._node("Sub", str(size - added), value, self.name(added))
        factor = size.at({letter: 1}) - added
        return value if factor == 1 else self._node("Div", letter, value, self.name(factor))

    def _node(self, operator: str, name: str, *inputs: str, **attributes: Any) -> str:
        if name not in self._names:
            self._names.add(name)
            self._made.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name
