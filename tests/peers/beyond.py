"""Networks beyond classification as plain PyTorch modules, rebuilt from their papers where no library has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class Double(nn.Sequential):
    """Twice a 3x3 convolution, perhaps normalised, and a rectifier."""

    def __init__(self, channels: int, filters: int, padded: bool, normalised: bool) -> None:
        layers: list[nn.Module] = []
        for inputs in (channels, filters):
            layers.append(nn.Conv2d(inputs, filters, 3, padding=int(padded), bias=not normalised))
            layers += [nn.BatchNorm2d(filters)] if normalised else []
            layers.append(nn.ReLU())
        super().__init__(*layers)


class Rise(nn.Sequential):
    """Twice as high and wide, half the channels: transposed, or each pixel doubled before a 2x2 convolution."""

    def __init__(self, filters: int, transposed: bool) -> None:
        if transposed:
            super().__init__(nn.ConvTranspose2d(2 * filters, filters, 2, stride=2))
        else:
            even = nn.ZeroPad2d((0, 1, 0, 1))
            super().__init__(nn.Upsample(scale_factor=2), even, nn.Conv2d(2 * filters, filters, 2))


class UNet(nn.Module):
    """Ronneberger, Fischer, Brox 2015."""

    def __init__(
        self,
        classes: int = 2,
        colours: int = 3,
        base: int = 64,
        padded: bool = True,
        normalised: bool = True,
        transposed: bool = True,
    ) -> None:
        super().__init__()
        widths = [base * 2**level for level in range(5)]
        sizes = zip([colours, *widths], widths, strict=False)
        self.down = nn.ModuleList(Double(n, m, padded, normalised) for n, m in sizes)
        self.rise = nn.ModuleList(Rise(m, transposed) for m in reversed(widths[:4]))
        self.up = nn.ModuleList(Double(2 * m, m, padded, normalised) for m in reversed(widths[:4]))
        self.score = nn.Conv2d(base, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = [x := self.down[0](x)]
        seen += [x := level(F.max_pool2d(x, 2)) for level in self.down[1:]]
        for rise, double, skip in zip(self.rise, self.up, seen[-2::-1], strict=True):
            x = rise(x)
            x = double(torch.cat([self.middle(skip, x), x], dim=1))
        return self.score(x)

    @staticmethod
    def middle(skip: Tensor, x: Tensor) -> Tensor:
        top, left = ((n - m) // 2 for n, m in zip(skip.shape[2:], x.shape[2:], strict=True))
        return skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]


class CharCnn(nn.Sequential):
    """Zhang, Zhao, LeCun 2015."""

    def __init__(self, filters: int = 256, units: int = 1024, classes: int = 4) -> None:
        layers: list[nn.Module] = []
        for channels, f, pool in ((70, 7, 3), (filters, 7, 3), *[(filters, 3, 1)] * 3, (filters, 3, 3)):
            layers += [nn.Conv1d(channels, filters, f), nn.ReLU(), nn.MaxPool1d(pool)]
        layers.append(nn.Flatten())
        for inputs in (34 * filters, units):
            layers += [nn.Linear(inputs, units), nn.ReLU(), nn.Dropout()]
        super().__init__(*layers, nn.Linear(units, classes))


class SentenceCnn(nn.Module):
    """Kim 2014; with two sets of word vectors every filter is applied to both, and what it finds is added."""

    def __init__(self, fixed: bool, learned: bool, words: int = 18_766) -> None:
        super().__init__()
        self.vectors = nn.ModuleList(nn.Embedding(words, 300) for _ in range(fixed + learned))
        if fixed:
            self.vectors[0].weight.requires_grad_(False)
        self.filters = nn.ModuleList(nn.Conv1d(300, 100, n) for n in (3, 4, 5))
        self.dense = nn.Linear(300, 2)

    def forward(self, x: Tensor) -> Tensor:
        vectors = torch.stack([vectors(x.long()).transpose(1, 2) for vectors in self.vectors]).sum(0)
        found = [conv(vectors).relu().amax(dim=2) for conv in self.filters]
        return self.dense(torch.cat(found, dim=1))


class SamePool(nn.Module):
    """The largest of each four; an incomplete window has its missing positions on both sides."""

    def forward(self, x: Tensor) -> Tensor:
        missing = -x.shape[2] % 4
        return F.max_pool1d(F.pad(x, (missing // 2, missing - missing // 2), value=-torch.inf), 4)


class SignalCnn(nn.Module):
    """Dai et al. 2017: `plan` has a number for a convolution with so many maps, and "pool"."""

    def __init__(self, stem: int, plan: Sequence[int | str], classes: int = 10) -> None:
        super().__init__()
        layers = [nn.Conv1d(1, stem, 80, stride=4, padding=38), nn.BatchNorm1d(stem), nn.ReLU()]
        width = stem
        for step in plan:
            if isinstance(step, int):
                layers += [nn.Conv1d(width, step, 3, padding=1), nn.BatchNorm1d(step), nn.ReLU()]
                width = step
            else:
                layers.append(SamePool())
        self.features = nn.Sequential(*layers)
        self.score = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.score(self.features(x).mean(dim=2))


class C3d(nn.Sequential):
    """Tran et al. 2015; `divisor` makes every layer narrower."""

    def __init__(self, classes: int = 487, divisor: int = 1) -> None:
        layers: list[nn.Module] = []
        channels = 3
        for filters, times, window in ((64, 1, (1, 2, 2)), (128, 1, 2), (256, 2, 2), (512, 2, 2), (512, 2, 2)):
            for _ in range(times):
                layers += [nn.Conv3d(channels, filters // divisor, 3, padding=1), nn.ReLU()]
                channels = filters // divisor
            layers.append(nn.MaxPool3d(window, ceil_mode=True))
        layers.append(nn.Flatten())
        units = 4096 // divisor
        for inputs in (16 * channels, units):
            layers += [nn.Linear(inputs, units), nn.ReLU(), nn.Dropout()]
        super().__init__(*layers, nn.Linear(units, classes))


class Espcn(nn.Sequential):
    """Shi et al. 2016."""

    def __init__(self, r: int = 3) -> None:
        first, second, last = (
            nn.Conv2d(n, m, f, padding=f // 2) for n, m, f in ((1, 64, 5), (64, 32, 3), (32, r * r, 3))
        )
        super().__init__(first, nn.Tanh(), second, nn.Tanh(), last, nn.PixelShuffle(r))


class Siamese(nn.Module):
    """Koch, Zemel, Salakhutdinov 2015."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels, filters, f in ((1, 64, 10), (64, 128, 7), (128, 128, 4), (128, 256, 4)):
            layers += [nn.Conv2d(channels, filters, f), nn.ReLU(), nn.MaxPool2d(2)]
        self.eye = nn.Sequential(*layers[:-1], nn.Flatten(), nn.Linear(9216, 4096), nn.Sigmoid())
        self.score = nn.Linear(4096, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.score((self.eye(left) - self.eye(right)).abs())


class DcganGenerator(nn.Module):
    """Radford, Metz, Chintala 2016: first a matrix product, each of its values normalised by itself."""

    def __init__(self, base: int = 128) -> None:
        super().__init__()
        self.project = nn.Sequential(nn.Linear(100, 128 * base, bias=False), nn.BatchNorm1d(128 * base), nn.ReLU())
        layers: list[nn.Module] = []
        for n, m in ((8, 4), (4, 2), (2, 1)):
            layers += [self.double(n * base, m * base), nn.BatchNorm2d(m * base), nn.ReLU()]
        self.draw = nn.Sequential(*layers, self.double(base, 3), nn.Tanh())
        self.base = base

    @staticmethod
    def double(channels: int, filters: int) -> nn.Module:
        return nn.ConvTranspose2d(channels, filters, 5, stride=2, padding=2, output_padding=1, bias=False)

    def forward(self, z: Tensor) -> Tensor:
        return self.draw(self.project(z).reshape(-1, 8 * self.base, 4, 4))


class DcganOfPyTorch(nn.Sequential):
    """The form of PyTorch's example: the values are a 1x1 picture, and every step is a transposed convolution."""

    def __init__(self, base: int = 64) -> None:
        widths = [8 * base, 4 * base, 2 * base, base]
        layers: list[nn.Module] = [nn.Unflatten(1, (100, 1, 1)), self.grow(100, widths[0], 1, 0)]
        for n, m in pairwise(widths):
            layers += [nn.BatchNorm2d(n), nn.ReLU(), self.grow(n, m, 2, 1)]
        super().__init__(*layers, nn.BatchNorm2d(base), nn.ReLU(), self.grow(base, 3, 2, 1), nn.Tanh())

    @staticmethod
    def grow(channels: int, filters: int, s: int, p: int) -> Any:
        return nn.ConvTranspose2d(channels, filters, 4, stride=s, padding=p, bias=False)
