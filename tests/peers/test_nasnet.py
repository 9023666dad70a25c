"""NASNet beside Keras's.

Keras refuses NASNetMobile beside PyTorch; the function behind it builds the same network from the same settings.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values

pytestmark = pytest.mark.peers

FAMILY = "nasnet"
MOBILE: dict[str, Any] = {
    "default_size": 224,
    "penultimate_filters": 1056,
    "num_blocks": 4,
    "stem_block_filters": 32,
    "skip_reduction": False,
}
ORIGINALS = {"nasnet_mobile": ("nasnet.NASNet", MOBILE), "nasnet_large": ("NASNetLarge", {})}


def test_every_variant_has_its_original() -> None:
    assert ORIGINALS.keys() == set(variants(FAMILY))


@pytest.mark.parametrize("name", ORIGINALS)
def test_figures_are_those_of_keras(name: str) -> None:
    original, settings = ORIGINALS[name]
    same_keras_figures(load(FAMILY, name), original, **settings)


def test_values_of_nasnet_mobile_are_those_of_keras() -> None:
    net = load(FAMILY, "nasnet_mobile", logits=True)
    same_keras_values(net, "nasnet.NASNet", classifier_activation=None, **MOBILE)
