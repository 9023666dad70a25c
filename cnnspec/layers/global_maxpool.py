"""The largest value of each channel."""

from __future__ import annotations

from cnnspec.language import say
from cnnspec.layers._global import GlobalPool


class GlobalMaxPool(GlobalPool):
    """Takes the largest value of each channel over all places of the image.

    HxWxC becomes the vector C; with `keep=true` the image 1x1xC, which `mul` takes as a gate. No parameters.
    """

    source = "ONNX operator GlobalMaxPool"
    example = "input 7x7x512\nglobal_maxpool keep=true -> 1x1x512, 0 params\n"
    operator = "GlobalMaxPool"

    def explained(self, axes: str, channels: str) -> str:
        return say("the largest value over {axes} of each channel: channels = {channels}", axes=axes, channels=channels)


KIND = GlobalMaxPool()
