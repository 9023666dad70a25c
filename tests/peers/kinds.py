"""Every layer kind as PyTorch computes it: for each, a strategy that draws a layer and its rival.

The rivals are PyTorch's own modules where it has one, else a function written from the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

Draw: TypeAlias = Callable[..., Any]


class Case(NamedTuple):
    """A spec of one layer (or one layer and what it joins), and the module that should compute the same."""

    text: str
    module: nn.Module
    integers: int = 0  # the input holds whole numbers below this

    def __repr__(self) -> str:
        return self.text


class Plain(nn.Module):
    """A function without parameters."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Padded(nn.Module):
    """A module after uneven padding, which PyTorch's own layers do not know."""

    def __init__(self, pads: Sequence[int], module: nn.Module, value: float = 0.0) -> None:
        super().__init__()
        self.pads = pads
        self.module = module
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return self.module(F.pad(x, tuple(self.pads), value=self.value))


class ChannelsLast(nn.Module):
    """A module over the channels of each position."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        return self.module(x.movedim(1, -1)).movedim(-1, 1)


class PerChannel(nn.Module):
    """weight * normalise(x) + bias, with either of the two absent."""

    def __init__(
        self, channels: int, weight: bool, bias: bool, normalise: Callable[[Tensor], Tensor] = lambda x: x
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if weight else None
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None
        self.normalise = normalise

    def forward(self, x: Tensor) -> Tensor:
        shape = (1, -1, *(1 for _ in x.shape[2:]))
        y = self.normalise(x)
        y = y if self.weight is None else y * self.weight.reshape(shape)
        return y if self.bias is None else y + self.bias.reshape(shape)


class BatchNorm(PerChannel):
    """Batch normalisation with the running statistics, weight or bias absent where the layer says so."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, weight: bool, bias: bool, eps: float) -> None:
        super().__init__(channels, weight, bias, self.by_statistics)
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.eps = eps

    def by_statistics(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, eps=self.eps)


# --- what many kinds draw --------------------------------------------------------------------------------------------

small = st.integers(1, 4)
flag = st.booleans()
ranks = st.integers(1, 3)


def words(value: bool) -> str:
    return "true" if value else "false"


def axes(values: Sequence[int]) -> str:
    """`3` where one number says it all, else `3x1`."""
    return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))


def spec(size: Sequence[int], *lines: str) -> str:
    return "\n".join([f"input {'x'.join(map(str, size))}", *lines, ""])


def draw_size(draw: Draw, rank: int, low: int = 1, high: int = 7, channels: int | None = None) -> tuple[int, ...]:
    spatial = (draw(st.integers(low, high)) for _ in range(rank))
    return (*spatial, draw(st.integers(1, 6)) if channels is None else channels)


def per_axis(draw: Draw, rank: int, strategy: st.SearchStrategy[int]) -> tuple[int, ...]:
    if draw(flag):
        return (draw(strategy),) * rank
    return tuple(draw(strategy) for _ in range(rank))


def torch_pads(begin: Sequence[int], end: Sequence[int]) -> list[int]:
    """PyTorch pads the last axis first, begin and end side by side."""
    return [side for pair in zip(reversed(begin), reversed(end), strict=True) for side in pair]


class Window(NamedTuple):
    """A drawn window and the sides that it is laid over; `begin` and `end` are the padding."""

    sides: tuple[int, ...]
    f: tuple[int, ...]
    s: tuple[int, ...]
    d: tuple[int, ...]
    begin: tuple[int, ...]
    end: tuple[int, ...]
    p: str

    @property
    def text(self) -> str:
        return f"f={axes(self.f)}, s={axes(self.s)}, p={self.p}"

    @property
    def pads(self) -> list[int]:
        return torch_pads(self.begin, self.end)


def draw_window(draw: Draw, rank: int, dilated: bool = True, reach: bool = False, even: bool = False) -> Window:
    """A window that fits. `reach`: padding stays within the window; `even`: within half of it, on both sides."""
    f = per_axis(draw, rank, small)
    s = per_axis(draw, rank, st.integers(1, 3))
    d = per_axis(draw, rank, st.integers(1, 2)) if dilated else (1,) * rank
    span = [di * (fi - 1) + 1 for fi, di in zip(f, d, strict=True)]
    style = "number" if even else draw(st.sampled_from(["number", "list", "same", "valid"]))
    if style == "same":
        sides = tuple(draw(st.integers(1, 9)) for _ in range(rank))
        total = [max(0, (-(-n // si) - 1) * si + w - n) for n, si, w in zip(sides, s, span, strict=True)]
        begin = tuple(t // 2 for t in total)
        return Window(sides, f, s, d, begin, tuple(t - b for t, b in zip(total, begin, strict=True)), "same")
    most = [min(fi // 2, w - 1) if even else w - 1 if reach else 3 for fi, w in zip(f, span, strict=True)]
    begin = tuple(0 if style == "valid" else draw(st.integers(0, m)) for m in most)
    end = tuple(draw(st.integers(0, m)) for m in most) if style == "list" else begin
    lowest = [max(1, w - b - e) for w, b, e in zip(span, begin, end, strict=True)]
    sides = tuple(draw(st.integers(low, low + 6)) for low in lowest)
    p = {"number": axes(begin), "list": str([*begin, *end]), "valid": "valid"}[style]
    return Window(sides, f, s, d, begin, end, p)


# --- convolution and dense -------------------------------------------------------------------------------------------

CONV: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
CONV_TRANSPOSE: dict[int, Any] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


@st.composite
def conv(draw: Draw) -> Case:
    rank, groups, bias = draw(ranks), draw(st.integers(1, 3)), draw(flag)
    channels, filters = groups * draw(small), groups * draw(small)
    w = draw_window(draw, rank)
    line = f"conv {filters}, {w.text}, d={axes(w.d)}, groups={groups}, bias={words(bias)}"
    module = CONV[rank](channels, filters, w.f, w.s, 0, w.d, groups, bias)
    return Case(spec((*w.sides, channels), line), Padded(w.pads, module))


@st.composite
def depthwise(draw: Draw) -> Case:
    rank, channels, multiplier, bias = draw(ranks), draw(small), draw(st.integers(1, 3)), draw(flag)
    w = draw_window(draw, rank)
    line = f"depthwise {w.text}, d={axes(w.d)}, multiplier={multiplier}, bias={words(bias)}"
    module = CONV[rank](channels, channels * multiplier, w.f, w.s, 0, w.d, channels, bias)
    return Case(spec((*w.sides, channels), line), Padded(w.pads, module))


class Cropped(nn.Module):
    """A transposed convolution whose uneven padding is cut off afterwards."""

    def __init__(self, module: nn.Module, begin: Sequence[int], end: Sequence[int]) -> None:
        super().__init__()
        self.module = module
        self.pads = [-side for side in torch_pads(begin, end)]

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(self.module(x), self.pads)


@st.composite
def conv_transpose(draw: Draw) -> Case:
    rank, groups, bias = draw(ranks), draw(st.integers(1, 3)), draw(flag)
    channels, filters = groups * draw(small), groups * draw(small)
    f, d = per_axis(draw, rank, small), per_axis(draw, rank, st.integers(1, 2))
    span = [di * (fi - 1) + 1 for fi, di in zip(f, d, strict=True)]
    style = draw(st.sampled_from(["number", "list", "same"]))
    if style == "same":
        s = tuple(draw(st.integers(1, min(w, 3))) for w in span)
        extra = (0,) * rank
        begin = tuple((w - si) // 2 for w, si in zip(span, s, strict=True))
        end = tuple(w - si - b for w, si, b in zip(span, s, begin, strict=True))
        p = "same"
    else:
        s = per_axis(draw, rank, st.integers(1, 3))
        extra = tuple(draw(st.integers(0, max(si, di) - 1)) for si, di in zip(s, d, strict=True))
        begin = tuple(draw(st.integers(0, (w - 1) // 2)) for w in span)
        end = tuple(draw(st.integers(0, (w - 1) // 2)) for w in span) if style == "list" else begin
        p = str([*begin, *end]) if style == "list" else axes(begin)
    line = (
        f"conv_transpose {filters}, f={axes(f)}, s={axes(s)}, p={p}, output_pad={axes(extra)}, d={axes(d)}, "
        f"groups={groups}, bias={words(bias)}"
    )
    module = CONV_TRANSPOSE[rank](channels, filters, f, s, 0, extra, groups, bias, d)
    sides = draw_size(draw, rank, 1, 5, channels)
    return Case(spec(sides, line), Cropped(module, begin, end))


@st.composite
def dense(draw: Draw) -> Case:
    features, units, bias = draw(st.integers(1, 30)), draw(st.integers(1, 20)), draw(flag)
    return Case(spec([features], f"dense {units}, bias={words(bias)}"), nn.Linear(features, units, bias))


@st.composite
def embedding(draw: Draw) -> Case:
    length, vocabulary, width = draw(st.integers(1, 9)), draw(st.integers(2, 50)), draw(st.integers(1, 8))
    text = f"input {length}, integer\nembedding {vocabulary}, {width}\n"
    module = nn.Sequential(nn.Embedding(vocabulary, width), Plain(lambda x: x.movedim(-1, 1)))
    return Case(text, module, integers=vocabulary)


# --- pooling ---------------------------------------------------------------------------------------------------------

MAX_POOL = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE_POOL = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


@st.composite
def maxpool(draw: Draw) -> Case:
    rank, ceil = draw(ranks), draw(flag)
    w = draw_window(draw, rank, reach=True, even=ceil)
    line = f"maxpool {w.text}, d={axes(w.d)}, ceil={words(ceil)}"
    size = (*w.sides, draw(small))
    if ceil:
        return Case(spec(size, line), MAX_POOL[rank](w.f, w.s, w.begin, w.d, ceil_mode=True))
    return Case(spec(size, line), Padded(w.pads, MAX_POOL[rank](w.f, w.s, 0, w.d), float("-inf")))


@st.composite
def avgpool(draw: Draw) -> Case:
    rank, ceil, count_pad = draw(ranks), draw(flag), draw(flag)
    w = draw_window(draw, rank, dilated=False, reach=True, even=ceil)
    line = f"avgpool {w.text}, ceil={words(ceil)}, count_pad={words(count_pad)}"
    size = (*w.sides, draw(small))
    if ceil:
        size = (*map(max, w.sides, w.f), size[-1])  # AvgPool3d wants it so, however much is padded
        pool = AVERAGE_POOL[rank](w.f, w.s, w.begin, ceil_mode=True, count_include_pad=count_pad)
        return Case(spec(size, line), pool)
    pool = AVERAGE_POOL[rank](w.f, w.s)

    def of_the_image(x: Tensor) -> Tensor:
        covered = pool(F.pad(torch.ones_like(x), w.pads))
        return pool(F.pad(x, w.pads)) / (1 if count_pad else covered)

    return Case(spec(size, line), Plain(of_the_image))


def global_pool(kind: str, reduce: Callable[..., Tensor]) -> st.SearchStrategy[Case]:
    @st.composite
    def strategy(draw: Draw) -> Case:
        rank, keep = draw(ranks), draw(flag)
        module = Plain(lambda x: reduce(x, dim=tuple(range(2, 2 + rank)), keepdim=keep))
        return Case(spec(draw_size(draw, rank), f"{kind} keep={words(keep)}"), module)

    return strategy()


def adaptive_pool(kind: str, modules: dict[int, Any]) -> st.SearchStrategy[Case]:
    @st.composite
    def strategy(draw: Draw) -> Case:
        rank = draw(ranks)
        target = tuple(draw(small) for _ in range(rank))
        sides = tuple(draw(st.integers(t, 9)) for t in target)
        return Case(spec((*sides, draw(small)), f"{kind} {axes(target)}"), modules[rank](target))

    return strategy()


# --- normalisation ---------------------------------------------------------------------------------------------------

EPS = st.sampled_from([1e-5, 1e-3, 0.1])


def affine(draw: Draw) -> tuple[bool, bool, str]:
    weight, bias = draw(st.sampled_from([(True, True), (True, True), (True, False), (False, True)]))
    return weight, bias, f"weight={words(weight)}, bias={words(bias)}"


@st.composite
def batchnorm(draw: Draw) -> Case:
    size, eps, (weight, bias, tensors) = draw_size(draw, draw(st.integers(0, 3))), draw(EPS), affine(draw)
    if weight and bias:
        kinds = {1: nn.BatchNorm1d, 2: nn.BatchNorm1d, 3: nn.BatchNorm2d, 4: nn.BatchNorm3d}
        return Case(spec(size, f"batchnorm eps={eps}"), kinds[len(size)](size[-1], eps))
    return Case(spec(size, f"batchnorm eps={eps}, {tensors}"), BatchNorm(size[-1], weight, bias, eps))


@st.composite
def layernorm(draw: Draw) -> Case:
    size, eps, (weight, bias, tensors) = draw_size(draw, draw(st.integers(0, 3))), draw(EPS), affine(draw)
    if weight and bias:
        return Case(spec(size, f"layernorm eps={eps}"), ChannelsLast(nn.LayerNorm(size[-1], eps)))
    normalise = ChannelsLast(nn.LayerNorm(size[-1], eps, elementwise_affine=False))
    return Case(spec(size, f"layernorm eps={eps}, {tensors}"), PerChannel(size[-1], weight, bias, normalise))


@st.composite
def groupnorm(draw: Draw) -> Case:
    groups, eps, (weight, bias, tensors) = draw(st.integers(1, 3)), draw(EPS), affine(draw)
    each = draw(st.integers(2, 4))  # a group of one number is nothing but rounding in PyTorch
    size = draw_size(draw, draw(st.integers(0, 3)), channels=groups * each)
    if weight and bias:
        return Case(spec(size, f"groupnorm {groups}, eps={eps}"), nn.GroupNorm(groups, size[-1], eps))
    normalise = nn.GroupNorm(groups, size[-1], eps, affine=False)
    return Case(spec(size, f"groupnorm {groups}, eps={eps}, {tensors}"), PerChannel(size[-1], weight, bias, normalise))


@st.composite
def instancenorm(draw: Draw) -> Case:
    rank, eps, (weight, bias, tensors) = draw(ranks), draw(EPS), affine(draw)
    size = draw_size(draw, rank, low=2)
    kind = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}[rank]
    if weight and bias:
        return Case(spec(size, f"instancenorm eps={eps}"), kind(size[-1], eps, affine=True))
    module = PerChannel(size[-1], weight, bias, kind(size[-1], eps))
    return Case(spec(size, f"instancenorm eps={eps}, {tensors}"), module)


@st.composite
def lrn(draw: Draw) -> Case:
    size = draw_size(draw, draw(ranks))
    width = draw(st.integers(1, 6))
    alpha, beta, k = draw(st.sampled_from([(1e-4, 0.75, 1), (0.5, 0.5, 2), (0.1, 0.75, 2)]))
    line = f"lrn {width}, alpha={alpha}, beta={beta}, k={k}"
    return Case(spec(size, line), nn.LocalResponseNorm(width, alpha, beta, k))


@st.composite
def scale(draw: Draw) -> Case:
    size, (weight, bias, tensors) = draw_size(draw, draw(st.integers(0, 3))), affine(draw)
    return Case(spec(size, f"scale {tensors}"), PerChannel(size[-1], weight, bias))


# --- element by element, and channels --------------------------------------------------------------------------------


def elementwise(kind: str, function: Callable[[Tensor], Tensor]) -> st.SearchStrategy[Case]:
    @st.composite
    def strategy(draw: Draw) -> Case:
        return Case(spec(draw_size(draw, draw(st.integers(0, 3))), kind), Plain(function))

    return strategy()


@st.composite
def leaky_relu(draw: Draw) -> Case:
    alpha = draw(st.sampled_from([0.01, 0.1, 0.3]))
    return Case(spec(draw_size(draw, draw(st.integers(0, 3))), f"leaky_relu alpha={alpha}"), nn.LeakyReLU(alpha))


@st.composite
def prelu(draw: Draw) -> Case:
    size = draw_size(draw, draw(st.integers(0, 3)))
    return Case(spec(size, "prelu"), nn.PReLU(size[-1]))


@st.composite
def clip(draw: Draw) -> Case:
    low, high = draw(st.sampled_from([(0, 1), (-0.5, 0.25), (-1, 6)]))
    return Case(spec(draw_size(draw, draw(st.integers(0, 3))), f"clip {low}, {high}"), nn.Hardtanh(low, high))


@st.composite
def maxout(draw: Draw) -> Case:
    k = draw(st.integers(1, 4))
    size = draw_size(draw, draw(st.integers(0, 3)), channels=k * draw(small))
    return Case(spec(size, f"maxout {k}"), Plain(lambda x: x.unflatten(1, (-1, k)).amax(2)))


@st.composite
def rescale(draw: Draw) -> Case:
    size = draw_size(draw, draw(st.integers(0, 3)))
    numbers = st.integers(-20, 20).map(lambda n: n / 8)
    a, b = (draw(numbers | st.lists(numbers, min_size=size[-1], max_size=size[-1])) for _ in range(2))

    def function(x: Tensor) -> Tensor:
        shape = (-1, *(1 for _ in size[:-1]))
        return torch.tensor(a).reshape(shape) * x + torch.tensor(b).reshape(shape)

    return Case(spec(size, f"rescale {a}, b={b}"), Plain(function))


# --- shape -----------------------------------------------------------------------------------------------------------


@st.composite
def reshape(draw: Draw) -> Case:
    size = draw_size(draw, draw(st.integers(0, 3)))
    target = list(draw(st.permutations(size)))
    if len(target) < 4 and draw(flag):
        target = [*target, 1]
    shape = (-1, target[-1], *target[:-1])
    return Case(spec(size, f"reshape {target}"), Plain(lambda x: x.reshape(shape)))


def draw_sides(draw: Draw, rank: int, most: int) -> tuple[str, list[int]]:
    """Padding or cropping as text and as PyTorch writes it."""
    begin = per_axis(draw, rank, st.integers(0, most))
    if draw(flag):
        return axes(begin), torch_pads(begin, begin)
    end = tuple(draw(st.integers(0, most)) for _ in range(rank))
    return str([*begin, *end]), torch_pads(begin, end)


@st.composite
def pad(draw: Draw) -> Case:
    rank = draw(ranks)
    p, pads = draw_sides(draw, rank, 2)
    mode, name = draw(st.sampled_from([("zero", "constant"), ("reflect", "reflect"), ("edge", "replicate")]))
    size = draw_size(draw, rank, low=3)
    return Case(spec(size, f"pad {p}, mode={mode}"), Plain(lambda x: F.pad(x, pads, mode=name)))


@st.composite
def crop(draw: Draw) -> Case:
    rank = draw(ranks)
    size = draw_size(draw, rank, low=5)
    if draw(flag):
        p, pads = draw_sides(draw, rank, 2)
        return Case(spec(size, f"crop {p}"), Plain(lambda x: F.pad(x, [-side for side in pads])))
    p, pads = draw_sides(draw, rank, 2)
    target = [n - a - b for n, a, b in zip(size, pads[-2::-2], pads[::-2], strict=False)]
    begin = [(n - m) // 2 for n, m in zip(size, target, strict=False)]
    end = [n - m - b for n, m, b in zip(size, target, begin, strict=False)]
    lines = ("identity as whole", f"crop {p} as part", "from whole", "crop like=part")
    return Case(spec(size, *lines), Plain(lambda x: F.pad(x, [-side for side in torch_pads(begin, end)])))


@st.composite
def upsample(draw: Draw) -> Case:
    rank = draw(ranks)
    linear = draw(flag)
    size = draw_size(draw, rank, high=5)
    if draw(flag):
        factor = per_axis(draw, rank, st.integers(1, 3))
        target = tuple(n * k for n, k in zip(size, factor, strict=False))
        what = axes(factor)
    else:
        target = tuple(draw(st.integers(n, 3 * n)) for n in size[:-1])
        what = f"size={'x'.join(map(str, target))}"
    name = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank] if linear else "nearest"
    options: dict[str, Any] = {"mode": name, "size": target} | ({"align_corners": False} if linear else {})
    line = f"upsample {what}, mode={'linear' if linear else 'nearest'}"
    return Case(spec(size, line), Plain(lambda x: F.interpolate(x, **options)))


@st.composite
def pixel_shuffle(draw: Draw) -> Case:
    r = draw(st.integers(1, 3))
    size = draw_size(draw, 2, channels=r * r * draw(small))
    return Case(spec(size, f"pixel_shuffle {r}"), nn.PixelShuffle(r))


@st.composite
def channel_shuffle(draw: Draw) -> Case:
    groups = draw(st.integers(1, 3))
    size = draw_size(draw, draw(ranks), channels=groups * draw(small))
    return Case(spec(size, f"channel_shuffle {groups}"), nn.ChannelShuffle(groups))


@st.composite
def slice_(draw: Draw) -> Case:
    size = draw_size(draw, draw(st.integers(0, 3)))
    start = draw(st.integers(0, size[-1] - 1))
    end = draw(st.integers(start + 1, size[-1]))
    return Case(spec(size, f"slice {start}, {end}"), Plain(lambda x: x[:, start:end]))


@st.composite
def select(draw: Draw) -> Case:
    size = draw_size(draw, draw(st.integers(0, 3)))
    chosen = draw(st.lists(st.integers(0, size[-1] - 1), min_size=1, max_size=5))
    return Case(spec(size, f"select {chosen}"), Plain(lambda x: x[:, chosen]))


# --- joining ---------------------------------------------------------------------------------------------------------


def joined(kind: str, function: Callable[[list[Tensor]], Tensor]) -> st.SearchStrategy[Case]:
    """The kind over branches that multiply by 1, 2, 3 … or over named values, the arriving one first."""

    @st.composite
    def strategy(draw: Draw) -> Case:
        size = draw_size(draw, draw(st.integers(0, 3)))
        many = 2 if kind == "sub" else draw(st.integers(2, 4))
        if draw(flag):
            branches = [f"    branch {{ rescale {n} }}" for n in range(1, many + 1)]
            lines = (f"{kind} {{", *branches, "}")
            return Case(spec(size, *lines), Plain(lambda x: function([n * x for n in range(1, many + 1)])))
        named = [f"v{n}" for n in range(2, many + 1)]
        lines = ("identity as v1", *(f"from v1 | rescale {n} as v{n}" for n in range(2, many + 1)), "from v1")
        text = spec(size, *lines, f"{kind} {', '.join(named)}")
        return Case(text, Plain(lambda x: function([n * x for n in range(1, many + 1)])))

    return strategy()


@st.composite
def gate(draw: Draw) -> Case:
    """`mul` with a weight for each channel, or for each position."""
    rank = draw(ranks)
    size = draw_size(draw, rank)
    over = tuple(range(2, 2 + rank))
    kind, function = draw(
        st.sampled_from(
            [
                ("global_avgpool", lambda x: x.mean(over, keepdim=True)),
                ("global_avgpool keep=true", lambda x: x.mean(over, keepdim=True)),
                ("slice 0, 1", lambda x: x[:, :1]),
            ]
        )
    )
    lines = ("identity as whole", f"{kind} as gate")
    order = ("from whole", "mul gate") if draw(flag) else ("mul whole",)
    return Case(spec(size, *lines, *order), Plain(lambda x: x * function(x)))


def largest(values: list[Tensor]) -> Tensor:
    return torch.stack(values).amax(0)


PEERS: dict[str, st.SearchStrategy[Case]] = {
    "conv": conv(),
    "depthwise": depthwise(),
    "conv_transpose": conv_transpose(),
    "dense": dense(),
    "embedding": embedding(),
    "maxpool": maxpool(),
    "avgpool": avgpool(),
    "global_avgpool": global_pool("global_avgpool", torch.mean),
    "global_maxpool": global_pool("global_maxpool", torch.amax),
    "adaptive_avgpool": adaptive_pool(
        "adaptive_avgpool", {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}
    ),
    "adaptive_maxpool": adaptive_pool(
        "adaptive_maxpool", {1: nn.AdaptiveMaxPool1d, 2: nn.AdaptiveMaxPool2d, 3: nn.AdaptiveMaxPool3d}
    ),
    "batchnorm": batchnorm(),
    "layernorm": layernorm(),
    "groupnorm": groupnorm(),
    "instancenorm": instancenorm(),
    "lrn": lrn(),
    "scale": scale(),
    "relu": elementwise("relu", F.relu),
    "relu6": elementwise("relu6", F.relu6),
    "leaky_relu": leaky_relu(),
    "elu": elementwise("elu", F.elu),
    "selu": elementwise("selu", F.selu),
    "prelu": prelu(),
    "celu": elementwise("celu", F.celu),
    "gelu": elementwise("gelu", F.gelu),
    "silu": elementwise("silu", F.silu),
    "mish": elementwise("mish", F.mish),
    "sigmoid": elementwise("sigmoid", F.sigmoid),
    "hard_sigmoid": elementwise("hard_sigmoid", F.hardsigmoid),
    "hard_swish": elementwise("hard_swish", F.hardswish),
    "tanh": elementwise("tanh", torch.tanh),
    "softplus": elementwise("softplus", F.softplus),
    "softsign": elementwise("softsign", F.softsign),
    "softmax": elementwise("softmax", lambda x: F.softmax(x, 1)),
    "log_softmax": elementwise("log_softmax", lambda x: F.log_softmax(x, 1)),
    "maxout": maxout(),
    "abs": elementwise("abs", torch.abs),
    "clip": clip(),
    "rescale": rescale(),
    "flatten": elementwise("flatten", lambda x: torch.flatten(x, 1)),
    "reshape": reshape(),
    "pad": pad(),
    "crop": crop(),
    "upsample": upsample(),
    "pixel_shuffle": pixel_shuffle(),
    "channel_shuffle": channel_shuffle(),
    "slice": slice_(),
    "select": select(),
    "add": joined("add", lambda values: sum(values[1:], values[0])),
    "sub": joined("sub", lambda values: values[0] - values[1]),
    "mul": joined("mul", lambda values: torch.stack(values).prod(0)) | gate(),
    "average": joined("average", lambda values: torch.stack(values).mean(0)),
    "maximum": joined("maximum", largest),
    "concat": joined("concat", lambda values: torch.cat(values, 1)),
    "dropout": elementwise("dropout 0.3", lambda x: x),
    "drop_path": elementwise("drop_path 0.3", lambda x: x),
    "identity": elementwise("identity", lambda x: x),
}
