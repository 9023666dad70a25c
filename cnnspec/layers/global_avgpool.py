"""The mean of each channel."""

from __future__ import annotations

from cnnspec.language import say
from cnnspec.layers._global import GlobalPool


class GlobalAvgPool(GlobalPool):
    """Takes the mean of each channel over all places of the image.

    HxWxC becomes the vector C; with `keep=true` the image 1x1xC, which `mul` takes as a gate. No parameters.
    """

    source = "Lin, Chen, Yan 2013, Network in network; ONNX operator GlobalAveragePool"
    example = "input 7x7x512\nglobal_avgpool -> 512, 0 params\ndense 10 -> 10\n"
    operator = "GlobalAveragePool"

    def explained(self, axes: str, channels: str) -> str:
        return say("the mean over {axes} of each channel: channels = {channels}", axes=axes, channels=channels)


KIND = GlobalAvgPool()
