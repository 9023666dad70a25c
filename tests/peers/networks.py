"""The example networks once more, as plain PyTorch modules whose tensors have the names that cnnspec gives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


def squash(x: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(x * (2 / 3))


class LeNet5(nn.Module):
    """As taught today."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.dense1 = nn.Linear(400, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.dense1(torch.flatten(x, 1)))
        return self.dense3(F.relu(self.dense2(x)))


class Digits(nn.Module):
    """The network of the handwritten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.dense1 = nn.Linear(256, 32)
        self.dense2 = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return self.dense2(F.relu(self.dense1(torch.flatten(x, 1))))


class Scale(nn.Module):
    """A weight and a bias for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.reshape(-1, 1, 1) + self.bias.reshape(-1, 1, 1)


class Subsample(nn.Module):
    """The sum of four values, scaled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale1 = Scale(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale1(4 * F.avg_pool2d(x, 2))


class LeNet5Of1998(nn.Module):
    """As published: each map of the second convolution sees some of the first six."""

    SEEN = ("012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125", "0134", "1245")
    ALL_SEEN = (*SEEN, "0235", "012345")

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = Subsample(6)
        for number, maps in enumerate(self.ALL_SEEN, start=1):
            self.add_module(f"conv{number + 1}", nn.Conv2d(len(maps), 1, 5))
        self.s4 = Subsample(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)

    def forward(self, x: Tensor) -> Tensor:
        x = squash(self.s2(squash(self.c1(x))))
        maps = [
            self.get_submodule(f"conv{number + 1}")(x[:, [int(one) for one in seen]])
            for number, seen in enumerate(self.ALL_SEEN, start=1)
        ]
        x = squash(self.s4(squash(torch.cat(maps, 1))))
        x = squash(self.c5(x))
        return squash(self.f6(torch.flatten(x, 1)))


class AlexNet(nn.Module):
    """Two groups, as published."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, 4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.dense1 = nn.Linear(9216, 4096)
        self.dense2 = nn.Linear(4096, 4096)
        self.dense3 = nn.Linear(4096, classes)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2):
            x = F.local_response_norm(F.relu(conv(x)), 5, alpha=5e-4, beta=0.75, k=2.0)
            x = F.max_pool2d(x, 3, 2)
        x = F.relu(self.conv5(F.relu(self.conv4(F.relu(self.conv3(x))))))
        x = torch.flatten(F.max_pool2d(x, 3, 2), 1)
        return self.dense3(F.relu(self.dense2(F.relu(self.dense1(x)))))


class ConvBn(nn.Module):
    """A convolution without bias and its normalisation."""

    def __init__(self, channels: int, filters: int, f: int, s: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, f, s, f // 2, bias=False)
        self.batchnorm1 = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        return self.batchnorm1(self.conv1(x))


class Bottleneck(nn.Module):
    def __init__(self, channels: int, filters: int, s: int = 1) -> None:
        super().__init__()
        self.conv_bn1 = ConvBn(channels, filters, 1)
        self.conv_bn2 = ConvBn(filters, filters, 3, s)
        self.conv_bn3 = ConvBn(filters, 4 * filters, 1)
        self.conv_bn4 = ConvBn(channels, 4 * filters, 1, s) if s != 1 or channels != 4 * filters else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv_bn3(F.relu(self.conv_bn2(F.relu(self.conv_bn1(x)))))
        return F.relu(y + self.conv_bn4(x))


def numbered(name: str, modules: Iterable[nn.Module]) -> nn.Module:
    """Modules in a row, as `name1`, `name2` …"""
    row = nn.Sequential()
    for number, module in enumerate(modules, start=1):
        row.add_module(f"{name}{number}", module)
    return row


class ResNet(nn.Module):
    def __init__(self, depths: Sequence[int] = (3, 4, 6, 3), classes: int = 1000) -> None:
        super().__init__()
        self.conv_bn1 = ConvBn(3, 64, 7, 2)
        channels = 64
        for number, depth in enumerate(depths, start=1):
            filters = 32 * 2**number
            first = Bottleneck(channels, filters, 1 if number == 1 else 2)
            channels = 4 * filters
            others = [Bottleneck(channels, filters) for _ in range(depth - 1)]
            self.add_module(f"stage{number}", numbered("bottleneck", [first, *others]))
        self.dense1 = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv_bn1(x)), 3, 2, 1)
        for number in range(1, 5):
            x = self.get_submodule(f"stage{number}")(x)
        return self.dense1(x.mean((2, 3)))


class ConvRelu(nn.Module):
    def __init__(self, channels: int, filters: int, f: int, s: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, f, s, f // 2)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv1(x))


class Inception(nn.Module):
    """The module of GoogLeNet: (1x1, before 3x3, 3x3, before 5x5, 5x5, after the pool)."""

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        ones, before3, n3, before5, n5, pooled = widths
        self.conv_relu1 = ConvRelu(channels, ones, 1)
        self.conv_relu2 = ConvRelu(channels, before3, 1)
        self.conv_relu3 = ConvRelu(before3, n3, 3)
        self.conv_relu4 = ConvRelu(channels, before5, 1)
        self.conv_relu5 = ConvRelu(before5, n5, 5)
        self.conv_relu6 = ConvRelu(channels, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        ways = (
            self.conv_relu1(x),
            self.conv_relu3(self.conv_relu2(x)),
            self.conv_relu5(self.conv_relu4(x)),
            self.conv_relu6(F.max_pool2d(x, 3, 1, 1)),
        )
        return torch.cat(ways, 1)


class GoogLeNet(nn.Module):
    """Without the auxiliary heads."""

    MODULES = (
        (64, 96, 128, 16, 32, 32),
        (128, 128, 192, 32, 96, 64),
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
        (256, 160, 320, 32, 128, 128),
        (384, 192, 384, 48, 128, 128),
    )
    POOLED_BEFORE = (3, 8)

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv_relu1 = ConvRelu(3, 64, 7, 2)
        self.conv_relu2 = ConvRelu(64, 64, 1)
        self.conv_relu3 = ConvRelu(64, 192, 3)
        channels = 192
        for number, widths in enumerate(self.MODULES, start=1):
            self.add_module(f"inception{number}", Inception(channels, widths))
            channels = widths[0] + widths[2] + widths[4] + widths[5]
        self.dense1 = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.local_response_norm(F.max_pool2d(self.conv_relu1(x), 3, 2, ceil_mode=True), 5)
        x = F.local_response_norm(self.conv_relu3(self.conv_relu2(x)), 5)
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        for number in range(1, len(self.MODULES) + 1):
            if number in self.POOLED_BEFORE:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            x = self.get_submodule(f"inception{number}")(x)
        return self.dense1(x.mean((2, 3)))


class Bias(nn.Module):
    """Batch normalisation with a bias and no weight."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, None, self.bias, eps=self.eps)


class ConvBnRelu(nn.Module):
    """`same` unless `valid`; every window of Inception-v3 that is not valid has stride 1 and odd sides."""

    def __init__(self, channels: int, filters: int, f: tuple[int, int], s: int = 1, valid: bool = False) -> None:
        super().__init__()
        p = (0, 0) if valid else (f[0] // 2, f[1] // 2)
        self.conv1 = nn.Conv2d(channels, filters, f, s, p, bias=False)
        self.batchnorm1 = Bias(filters, 1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.batchnorm1(self.conv1(x)))


Way: TypeAlias = Sequence[tuple[int, int, int, int, bool]]


def way(*steps: tuple[int, str] | tuple[int, str, int]) -> Way:
    """Convolutions in a row: (filters, window), or (filters, window, 2) for a valid one with stride 2."""
    row = []
    for filters, window, *stride in steps:
        rows, columns = map(int, window.split("x"))
        row.append((filters, rows, columns, stride[0] if stride else 1, bool(stride)))
    return row


class Mixed(nn.Module):
    """A module of Inception-v3: ways side by side, convolutions numbered through; the last may begin with a pool.

    The ways whose numbers are in `forks` end in a row and a column side by side, in a block of its own.
    """

    def __init__(self, channels: int, ways: Sequence[Way], pool: str, forks: Sequence[int] = ()) -> None:
        super().__init__()
        self.pool = pool
        self.forks = forks
        self.ways: list[list[str]] = []
        self.width = 0
        number = 0
        for index, steps in enumerate(ways):
            names, width = [], channels
            for filters, rows, columns, s, valid in steps:
                number += 1
                names.append(f"conv_bn{number}")
                self.add_module(names[-1], ConvBnRelu(width, filters, (rows, columns), s, valid))
                width = filters
            if index in forks:
                names.append(f"row_and_column{len([i for i in forks if i <= index])}")
                self.add_module(names[-1], Fork(width))
                width = 2 * 384
            self.ways.append(names)
            self.width += width

    def forward(self, x: Tensor) -> Tensor:
        results = []
        for index, names in enumerate(self.ways):
            y = x
            if index == len(self.ways) - 1:
                y = self.pooled(x)
            for name in names:
                y = self.get_submodule(name)(y)
            results.append(y)
        return torch.cat(results, 1)

    def pooled(self, x: Tensor) -> Tensor:
        if self.pool == "average":
            return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return F.max_pool2d(x, 3, 2)


class Fork(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_bn1 = ConvBnRelu(channels, 384, (1, 3))
        self.conv_bn2 = ConvBnRelu(channels, 384, (3, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.conv_bn1(x), self.conv_bn2(x)], 1)


def inception_a(channels: int, pooled: int) -> Mixed:
    ways = (
        way((64, "1x1")),
        way((48, "1x1"), (64, "5x5")),
        way((64, "1x1"), (96, "3x3"), (96, "3x3")),
        way((pooled, "1x1")),
    )
    return Mixed(channels, ways, "average")


def reduction_a(channels: int) -> Mixed:
    ways = (way((384, "3x3", 2)), way((64, "1x1"), (96, "3x3"), (96, "3x3", 2)), way())
    return Mixed(channels, ways, "maximum")


def inception_b(channels: int, n: int) -> Mixed:
    ways = (
        way((192, "1x1")),
        way((n, "1x1"), (n, "1x7"), (192, "7x1")),
        way((n, "1x1"), (n, "7x1"), (n, "1x7"), (n, "7x1"), (192, "1x7")),
        way((192, "1x1")),
    )
    return Mixed(channels, ways, "average")


def reduction_b(channels: int) -> Mixed:
    ways = (
        way((192, "1x1"), (320, "3x3", 2)),
        way((192, "1x1"), (192, "1x7"), (192, "7x1"), (192, "3x3", 2)),
        way(),
    )
    return Mixed(channels, ways, "maximum")


def inception_c(channels: int) -> Mixed:
    ways = (way((320, "1x1")), way((384, "1x1")), way((448, "1x1"), (384, "3x3")), way((192, "1x1")))
    return Mixed(channels, ways, "average", forks=(1, 2))


class InceptionV3(nn.Module):
    """Without the auxiliary head."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv_bn1 = ConvBnRelu(3, 32, (3, 3), 2, valid=True)
        self.conv_bn2 = ConvBnRelu(32, 32, (3, 3), valid=True)
        self.conv_bn3 = ConvBnRelu(32, 64, (3, 3))
        self.conv_bn4 = ConvBnRelu(64, 80, (1, 1))
        self.conv_bn5 = ConvBnRelu(80, 192, (3, 3), valid=True)
        self.inception_a1 = inception_a(192, 32)
        self.inception_a2 = inception_a(256, 64)
        self.inception_a3 = inception_a(288, 64)
        self.reduction_a1 = reduction_a(288)
        self.inception_b1 = inception_b(768, 128)
        self.inception_b2 = inception_b(768, 160)
        self.inception_b3 = inception_b(768, 160)
        self.inception_b4 = inception_b(768, 192)
        self.reduction_b1 = reduction_b(768)
        self.inception_c1 = inception_c(1280)
        self.inception_c2 = inception_c(2048)
        self.dense1 = nn.Linear(2048, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv_bn3(self.conv_bn2(self.conv_bn1(x))), 3, 2)
        x = F.max_pool2d(self.conv_bn5(self.conv_bn4(x)), 3, 2)
        for name, module in self.named_children():
            if name.startswith(("inception", "reduction")):
                x = module(x)
        return self.dense1(x.mean((2, 3)))
