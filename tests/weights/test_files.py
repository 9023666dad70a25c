"""Weight files: written, read back, matched; what does not fit is told in one report."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import cnnspec
from cnnspec.files import FileProblem
from cnnspec.weights import collect, initial_weights, load_weights
from cnnspec.weights.reading import open_weights
from cnnspec.weights.sources import source_of
from cnnspec.weights.writing import write_weights

NET = cnnspec.loads("input 8x8x1\nconv 4, f=3 | relu\nflatten | dense 3", "small.cnn")
SUFFIXES = [".safetensors", ".npz"]


def good() -> dict[str, Any]:
    return initial_weights(NET)


def save(path: Path, arrays: dict[str, Any]) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        safetensors.numpy.save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, path)
    return path


def problems(path: Path, net: cnnspec.Network = NET) -> tuple[str, ...]:
    with pytest.raises(FileProblem) as caught:
        load_weights(net, str(path))
    assert caught.value.path == str(path)
    return caught.value.problems


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    write_weights(NET, path, source_of(NET, seed=3))
    read = load_weights(NET, str(path))
    assert list(read) == [p.name for p in NET.parameters]
    for name, array in initial_weights(NET, seed=3).items():
        assert np.array_equal(read[name], array)


def test_other_libraries_read_what_is_written(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        write_weights(NET, tmp_path / f"w{suffix}", source_of(NET))
    safe = safetensors.numpy.load_file(tmp_path / "w.safetensors")
    with np.load(tmp_path / "w.npz", allow_pickle=False) as npz:
        for name, array in good().items():
            assert np.array_equal(safe[name], array)
            assert np.array_equal(npz[name], array)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_weights_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_weights(NET, tmp_path / f"{name}{suffix}", source_of(NET))
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_an_archive_has_no_date(tmp_path: Path) -> None:
    write_weights(NET, tmp_path / "w.npz", source_of(NET))
    with zipfile.ZipFile(tmp_path / "w.npz") as archive:
        assert {(info.date_time, info.create_system) for info in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 3)}


def test_a_network_without_parameters_has_an_empty_file(tmp_path: Path) -> None:
    net = cnnspec.loads("input 4\nrelu")
    for suffix in SUFFIXES:
        write_weights(net, tmp_path / f"w{suffix}", source_of(net))
        assert load_weights(net, str(tmp_path / f"w{suffix}")) == {}


def test_weights_are_written_under_two_suffixes_only(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match=r"weights are written as `\.safetensors` or `\.npz`"):
        write_weights(NET, tmp_path / "w.bin", source_of(NET))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_everything_that_does_not_fit_is_in_one_report(tmp_path: Path, suffix: str) -> None:
    arrays = good()
    arrays["dense_1.weight"] = arrays.pop("dense1.weight")
    arrays["conv1.weight"] = arrays["conv1.weight"][:, :, :2]
    arrays["conv1.bias"] = np.array([1, np.nan, np.inf, np.nan], np.float32)
    arrays["dense1.bias"] = np.array([1, 2, 3])
    assert problems(save(tmp_path / f"w{suffix}", arrays)) == (
        "the weights do not fit the network: 1 missing, 1 superfluous, 4 wrong in shape, type or values",
        "`dense1.weight` (3x144) is missing",
        "`dense_1.weight` is not a tensor of the network; did you mean `dense1.weight`?",
        "`conv1.weight` has the shape 4x1x2x3, the network needs 4x1x3x3",
        "`conv1.bias` holds 2 NaN among its 4 values",
        "`conv1.bias` holds 1 value that is infinite or beyond a 32-bit float",
        "`dense1.bias` holds int64, not floating-point numbers",
    )


@pytest.mark.parametrize(
    ("name", "change", "hint"),
    [
        ("dense1.weight", np.transpose, "it lies transposed (units last, as in Keras): use `.T`"),
        (
            "conv1.weight",
            lambda w: w.transpose(2, 3, 1, 0),
            "it lies as in Keras (filters last): use `.transpose(3, 2, 0, 1)`",
        ),
        ("conv1.weight", lambda w: w.reshape(4, 9), "the number of values is the same: use `.reshape`"),
    ],
)
def test_foreign_layouts_are_recognised(tmp_path: Path, name: str, change: Any, hint: str) -> None:
    arrays = good()
    arrays[name] = change(arrays[name])
    assert problems(save(tmp_path / "w.npz", arrays))[1].endswith(hint)


def test_the_hint_for_keras_is_right(tmp_path: Path) -> None:
    arrays = good()
    keras = arrays["conv1.weight"].transpose(2, 3, 1, 0)
    assert np.array_equal(keras.transpose(3, 2, 0, 1), arrays["conv1.weight"])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_floats_are_converted_and_said(tmp_path: Path, suffix: str, dtype: str) -> None:
    path = save(tmp_path / f"w{suffix}", {name: array.astype(dtype) for name, array in good().items()})
    source, notes = open_weights(NET, path)
    assert notes == (f"converted from {dtype} to float32",)
    for name, array in collect(NET, source).items():
        assert array.dtype == np.float32
        assert np.allclose(array, good()[name], atol=1e-3)


def test_bfloat16_is_the_upper_half_of_a_float(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    header, data = {}, b""
    for name, array in good().items():
        upper = (np.ascontiguousarray(array).view("<u4") >> 16).astype("<u2").tobytes()
        header[name] = {"dtype": "BF16", "shape": array.shape, "data_offsets": [len(data), len(data) + len(upper)]}
        data += upper
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    for name, array in load_weights(NET, str(path)).items():
        assert np.allclose(array, good()[name], rtol=0.01)


def test_numbers_beyond_32_bits_are_counted(tmp_path: Path) -> None:
    arrays: dict[str, Any] = good()
    arrays["conv1.bias"] = np.array([0, 1e300, 0, -1e300])
    assert problems(save(tmp_path / "w.npz", arrays))[1:] == (
        "`conv1.bias` holds 2 values that are infinite or beyond a 32-bit float",
    )


def test_arrays_in_fortran_order(tmp_path: Path) -> None:
    path = save(tmp_path / "w.npz", {name: np.asfortranarray(array) for name, array in good().items()})
    for name, array in load_weights(NET, str(path)).items():
        assert np.array_equal(array, good()[name])


def test_big_endian_arrays(tmp_path: Path) -> None:
    path = save(tmp_path / "w.npz", {name: array.astype(">f4") for name, array in good().items()})
    for name, array in load_weights(NET, str(path)).items():
        assert np.array_equal(array, good()[name])


def test_compressed_archives(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "w.npz", allow_pickle=False, **good())
    assert np.array_equal(load_weights(NET, str(tmp_path / "w.npz"))["conv1.weight"], good()["conv1.weight"])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("keep", [0, 3, 20, 1000, -1])
def test_files_that_were_cut_off(tmp_path: Path, suffix: str, keep: int) -> None:
    path = save(tmp_path / f"w{suffix}", good())
    data = path.read_bytes()
    path.write_bytes(data[:keep])
    assert problems(path)[0].startswith("the file is damaged or cut off: ")


def test_a_changed_value_in_an_archive_is_noticed(tmp_path: Path) -> None:
    path = save(tmp_path / "w.npz", good())
    data = bytearray(path.read_bytes())
    place = data.index(good()["dense1.weight"].tobytes()[:16])
    data[place] ^= 1
    path.write_bytes(data)
    assert problems(path)[0].startswith("the file is damaged or cut off: Bad CRC-32")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_random_bytes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(np.random.default_rng(0).bytes(1000))
    assert problems(path)[0].startswith("the file is damaged or cut off: ")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trap = np.array([{"a": 1}], dtype=object)
    arrays: dict[str, Any] = {**good(), "conv1.bias": trap}
    np.savez(tmp_path / "w.npz", allow_pickle=True, **arrays)
    assert "`conv1.bias` holds object, not floating-point numbers" in problems(tmp_path / "w.npz")


@pytest.mark.parametrize("name", ["w.pt", "w.pth", "w.bin", "w.ckpt"])
def test_pickled_files_are_refused_with_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileProblem, match="can run any program") as caught:
        load_weights(NET, str(tmp_path / name))
    assert "safetensors.torch.save_file" in caught.value.help


def test_unknown_suffixes_and_missing_files(tmp_path: Path) -> None:
    assert problems(tmp_path / "w.txt") == ("weights are read from `.safetensors` and `.npz` files",)
    assert problems(tmp_path / "w.npz") == ("cannot be read: there is no such file or folder",)
    assert problems(tmp_path / "w.safetensors") == ("cannot be read: there is no such file or folder",)
    (tmp_path / "w.npz").mkdir()
    assert problems(tmp_path / "w.npz") == ("cannot be read: this is a folder, not a file",)


def test_a_name_twice_in_an_archive(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, good()["conv1.bias"])
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("conv1.bias.npy", stream.getvalue())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("conv1.bias.npy", stream.getvalue())
    assert problems(tmp_path / "w.npz") == ("the file is damaged: a name stands in it twice",)


def test_counters_of_pytorch_are_left_aside(tmp_path: Path) -> None:
    net = cnnspec.loads("input 8x8x1\nbatchnorm")
    arrays: dict[str, Any] = {**initial_weights(net), "batchnorm1.num_batches_tracked": np.array(3)}
    _, notes = open_weights(net, save(tmp_path / "w.safetensors", arrays))
    assert notes == ("ignored the counters named `*.num_batches_tracked`",)


LITERAL = cnnspec.loads("input 2\ndense 1, weight=[1, 2] | relu | dense 1")


def test_values_of_the_spec_may_be_missing_in_the_file(tmp_path: Path) -> None:
    arrays = initial_weights(LITERAL)
    del arrays["dense1.weight"]
    read = load_weights(LITERAL, str(save(tmp_path / "w.npz", arrays)))
    assert read["dense1.weight"].tolist() == [[1, 2]]


def test_values_of_the_spec_win_over_the_file_and_that_is_said(tmp_path: Path) -> None:
    arrays = initial_weights(LITERAL)
    assert open_weights(LITERAL, save(tmp_path / "same.npz", arrays))[1] == ()
    arrays["dense1.weight"] = arrays["dense1.weight"] + 1
    source, notes = open_weights(LITERAL, save(tmp_path / "w.npz", arrays))
    assert notes == ("`dense1.weight` keeps the values that the spec gives it, which differ from these",)
    assert collect(LITERAL, source)["dense1.weight"].tolist() == [[1, 2]]


def test_arrays_in_memory_are_matched_like_files() -> None:
    arrays = good()
    arrays["extra"] = arrays.pop("dense1.bias")
    with pytest.raises(FileProblem) as caught:
        NET.to_onnx(weights=arrays)
    assert caught.value.problems[1:] == (
        "`dense1.bias` (3) is missing",
        "`extra` is not a tensor of the network",
    )
