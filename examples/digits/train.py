"""Train the weights of digits.cnn once, and write everything else in this folder.

Needs torch, scikit-learn, safetensors and Pillow; nothing of it is needed to use the network. Run it in this folder:

    python train.py

Held out, and never seen in training: every fifth image (index 4, 9, 14, ... of scikit-learn's `load_digits`), 359 of
1,797. The others train the network, each moved by up to a pixel at random. Nothing was chosen by looking at the
held-out images: the last of a fixed number of epochs is kept.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

FOLDER = Path(__file__).parent
SEED = 0
EPOCHS = 120
BATCH = 64
IMAGES_OF_EACH_DIGIT = 4


def pixels() -> tuple[np.ndarray, np.ndarray]:
    """The images as bytes, as a PNG holds them, and their labels. The data set's grey values are 0 to 16."""
    data = load_digits()
    return np.round(data.images * 255 / 16).astype(np.uint8), data.target.astype(np.int64)


class Digits(nn.Module):
    """digits.cnn, up to the softmax, which is part of the loss. The layers are named as cnnspec names them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.dropout = nn.Dropout(0.3)
        self.dense1 = nn.Linear(256, 32)
        self.dense2 = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.conv1(x))
        x = functional.relu(self.conv2(x))
        x = self.dropout(functional.max_pool2d(x, 2).flatten(1))
        return self.dense2(functional.relu(self.dense1(x)))


def moved(x: Tensor) -> Tensor:
    """Each image moved by -1, 0 or 1 pixels along each axis; what comes in is black."""
    padded = functional.pad(x, (1, 1, 1, 1))
    shifts = torch.randint(0, 3, (len(x), 2))
    return torch.stack([image[:, i : i + 8, j : j + 8] for image, (i, j) in zip(padded, shifts.tolist(), strict=True)])


def train(x: Tensor, y: Tensor) -> Digits:
    torch.manual_seed(SEED)
    model = Digits()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = functional.cross_entropy(model(moved(x[batch])), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def write_images(images: np.ndarray, labels: np.ndarray, held_out: np.ndarray) -> None:
    """The first few held-out images of each digit as PNG, named after their index, and labels.csv."""
    chosen = sorted(i for digit in range(10) for i in held_out[labels[held_out] == digit][:IMAGES_OF_EACH_DIGIT])
    (FOLDER / "images").mkdir(exist_ok=True)
    with (FOLDER / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "label"])
        for i in chosen:
            name = f"{i:04}.png"
            Image.fromarray(images[i]).save(FOLDER / "images" / name)
            writer.writerow([name, labels[i]])


def main() -> None:
    torch.set_num_threads(1)
    images, labels = pixels()
    index = np.arange(len(images))
    held_out = index[index % 5 == 4]
    rest = index[index % 5 != 4]
    x = torch.from_numpy(images.astype(np.float32) / np.float32(255))[:, None]
    y = torch.from_numpy(labels)
    model = train(x[rest], y[rest])
    with torch.no_grad():
        right = (model(x[held_out]).argmax(1) == y[held_out]).sum().item()
    print(f"held out: {right} of {len(held_out)} right, {right / len(held_out):.2%}")
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, FOLDER / "digits.safetensors")
    np.savez_compressed(FOLDER / "heldout.npz", x=x[held_out].numpy(), y=labels[held_out])
    write_images(images, labels, held_out)


if __name__ == "__main__":
    main()
