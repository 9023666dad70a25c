"""Folders and zips of a class, kind and hostile ones."""

from __future__ import annotations

import io
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.files import FileProblem
from cnnspec.teaching.answers import read_answer
from cnnspec.teaching.handed_in.archives import in_bytes, in_zip
from cnnspec.teaching.handed_in.submissions import submissions, told_twins
from cnnspec.teaching.model import Submission
from tests.teaching.test_answers_cnn import FILLED, RIGHT, hand_signs

MARIE = "Curie Marie_4711_assignsubmission_file_"
CLASS = {
    f"{MARIE}/answer.cnn": "one",
    "Élève Zoé_12_assignsubmission_file_/z.csv": "two",
    "Élève Zoé_12_assignsubmission_onlinetext_/onlinetext.html": "<p>three</p>",
    "Ampère André_7_assignsubmission_onlinetext_/onlinetext.html": "<p>four</p>",
}


def fill(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(files: Mapping[str, str | bytes], path: Path | None = None, **options) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    if path is not None:
        path.write_bytes(stream.getvalue())
    return stream.getvalue()


def found(*paths: Path, exercise: Path | None = None) -> list[tuple[str, str, str, bytes, str]]:
    return [
        (one.name, one.identifier, one.filename, one.content, one.problem)
        for one in submissions(paths, exercise=exercise)
    ]


MOODLE = [
    ("Ampère André", "7", "onlinetext.html", b"<p>four</p>", ""),
    ("Curie Marie", "4711", "answer.cnn", b"one", ""),
    ("Élève Zoé", "12", "z.csv", b"two", ""),
]


def test_moodles_folders(tmp_path: Path) -> None:
    assert found(fill(tmp_path, CLASS)) == MOODLE


def test_moodles_zip(tmp_path: Path) -> None:
    zipped(CLASS, tmp_path / "class.zip")
    assert found(tmp_path / "class.zip") == MOODLE


def test_moodles_zip_without_folders(tmp_path: Path) -> None:
    zipped({name.replace("/", ""): content for name, content in CLASS.items()}, tmp_path / "class.zip")
    assert found(tmp_path / "class.zip") == MOODLE


def test_a_zip_of_the_folder_of_all(tmp_path: Path) -> None:
    zipped({f"TP 1/{name}": content for name, content in CLASS.items()}, tmp_path / "class.zip")
    assert found(tmp_path / "class.zip") == MOODLE


def test_macos_names_and_rubbish(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in {**CLASS, f"__MACOSX/{MARIE}/._answer.cnn": "x", f"{MARIE}/.DS_Store": "x"}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    (tmp_path / "class.zip").write_bytes(_without_utf8_flag(stream.getvalue()))
    assert found(tmp_path / "class.zip") == MOODLE


def _without_utf8_flag(data: bytes) -> bytes:
    """The zip with bit 11 of every header cleared."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        while place >= 0:
            changed[place + offset + 1] &= ~0x08 & 0xFF
            place = data.find(signature, place + 4)
    return bytes(changed)


def test_a_file_for_each_student(tmp_path: Path) -> None:
    fill(tmp_path, {"student 10.cnn": "a", "student 2.cnn": "b", "Bob.json": "c", ".hidden": "d", "~$x.cnn": "e"})
    assert [(one[0], one[2]) for one in found(tmp_path)] == [
        ("Bob", "Bob.json"),
        ("student 2", "student 2.cnn"),
        ("student 10", "student 10.cnn"),
    ]


def test_a_file_that_is_named(tmp_path: Path) -> None:
    fill(tmp_path, {f"{MARIE}answer.cnn": "a", "b.cnn": "b"})
    paths = [tmp_path / "b.cnn", tmp_path / f"{MARIE}answer.cnn"]
    assert [one[:2] for one in found(*paths)] == [("b", ""), ("Curie Marie", "4711")]


def test_blind_marking_keeps_students_apart(tmp_path: Path) -> None:
    fill(tmp_path, {f"Participant_{n}_assignsubmission_file_/a.cnn": "a" for n in (5, 17)})
    assert [one[:2] for one in found(tmp_path)] == [("Participant 5", "5"), ("Participant 17", "17")]


def test_the_exercise_itself_is_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, {"tp.cnn": "?", "tp.toml": "", "marie.cnn": "a"})
    assert [one[0] for one in found(tmp_path, exercise=tmp_path / "tp.cnn")] == ["marie"]
    assert len(found(tmp_path)) == 2


def test_of_several_files_one_counts_and_is_named(tmp_path: Path) -> None:
    fill(tmp_path, {"Marie/photo.jpg": "\xff", "Marie/b.json": "{}", "Marie/tp/answer.cnn": FILLED, "Marie/c.csv": "1"})
    (marie,) = submissions([tmp_path])
    assert (marie.name, marie.filename) == ("Marie", "answer.cnn")
    assert marie.others == ("c.csv", "b.json", "photo.jpg")
    answer = read_answer(hand_signs(), marie)
    assert answer.given == RIGHT
    assert answer.notices == ("`answer.cnn` counts, of 4 files",)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "Marie").mkdir()
    (tmp_path / "Paul").mkdir()
    (tmp_path / "Paul" / ".DS_Store").touch()
    assert [(one[0], one[4]) for one in found(tmp_path)] == [
        ("Marie", "the folder is empty"),
        ("Paul", "the folder is empty"),
    ]
    zipped({"Marie/": "", "Paul/a.cnn": "x"}, tmp_path / "c.zip")
    assert [(one[0], one[4]) for one in found(tmp_path / "c.zip")] == [("Marie", "the folder is empty"), ("Paul", "")]


def test_who_hides_a_file_in_deep_folders_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {"deep/1/2/3/4/a.cnn": "x", "good/1/2/3/a.cnn": "y"})
    assert [(one[0], one[3], one[4]) for one in found(tmp_path)] == [
        ("deep", b"", "its folders are nested deeper than 4"),
        ("good", b"y", ""),
    ]


def test_a_file_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    fill(tmp_path, {"a.cnn": b"x" * (256 * 1024), "b.cnn": b"x" * (256 * 1024 + 1)})
    small, large = submissions([tmp_path])
    assert (len(small.content), small.problem) == (256 * 1024, "")
    assert (large.content, large.problem) == (b"", "the file is larger than 256 KiB")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_devices_and_links_out_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.cnn"
    secret.write_text("secret")
    folder = fill(tmp_path / "class", {"Marie/real.cnn": "real", "Zoe/x.cnn": "x"})
    os.mkfifo(folder / "pipe.cnn")
    (folder / "device.cnn").symlink_to("/dev/zero")
    (folder / "link.cnn").symlink_to(secret)
    (folder / "up.cnn").symlink_to("../secret.cnn")
    (folder / "inside.cnn").symlink_to(folder / "Marie" / "real.cnn")
    (folder / "loop.cnn").symlink_to("loop.cnn")
    (folder / "away").symlink_to(tmp_path)
    got = {one[0]: (one[3], bool(one[4])) for one in found(folder)}
    assert got == {
        "Marie": (b"real", False),
        "Zoe": (b"x", False),
        **dict.fromkeys(("pipe", "device", "link", "up", "loop", "away", "inside"), (b"", True)),
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_that_is_named_does_not_make_us_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.cnn")
    os.mkfifo(tmp_path / "a.zip")
    assert "pipe" in found(tmp_path / "a.cnn")[0][4]
    with pytest.raises(FileProblem, match="pipe"):
        list(submissions([tmp_path / "a.zip"]))


def test_what_there_is_not_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="no such file"):
        submissions([tmp_path / "nobody"])
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no zip at all")
    with pytest.raises(FileProblem, match="the zip is broken"):
        list(submissions([tmp_path / "broken.zip"]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links")
def test_links_are_followed_inside_of_a_students_own_folder_only(tmp_path: Path) -> None:
    folder = fill(tmp_path, {"Marie/real.cnn": "real", "Zoe/deep/own.cnn": "own", "flat.cnn": "flat"})
    (folder / "Evil").mkdir()
    (folder / "Evil" / "a.cnn").symlink_to(folder / "Marie" / "real.cnn")
    (folder / "Zoe" / "a.cnn").symlink_to("deep/own.cnn")
    (folder / "beside.cnn").symlink_to("flat.cnn")
    got = {one[0]: (one[3], bool(one[4])) for one in found(folder)}
    assert got == {
        "Marie": (b"real", False),
        "Zoe": (b"own", False),
        "flat": (b"flat", False),
        **dict.fromkeys(("Evil", "beside"), (b"", True)),
    }


def test_a_link_to_the_exercise_is_no_way_to_vanish(tmp_path: Path) -> None:
    fill(tmp_path, {"tp.cnn": "?", "class/Marie/a.cnn": "a"})
    (tmp_path / "class" / "zoe.cnn").symlink_to(tmp_path / "tp.cnn")
    assert [one[0] for one in found(tmp_path / "class", exercise=tmp_path / "tp.cnn")] == ["Marie", "zoe"]


# --- whose it is -----------------------------------------------------------------------------------------------------


EVIL = "Evil_101_assignsubmission_file_ X_555_assignsubmission_file_"


def test_the_number_of_a_folder_is_the_one_that_the_platform_has_written(tmp_path: Path) -> None:
    files = {f"{EVIL}/a.cnn": "evil", "Marie Curie_101_assignsubmission_file_/a.cnn": "marie"}
    zipped(files, tmp_path / "class.zip")
    for place in (tmp_path / "class.zip", fill(tmp_path / "class", files)):
        assert {one.identifier: one.content for one in submissions([place])} == {"555": b"evil", "101": b"marie"}


def test_a_file_claims_no_number_that_a_folder_has(tmp_path: Path) -> None:
    files = {"Marie_101_assignsubmission_file_/a.cnn": "marie", "Marie_101_assignsubmission_file_z.cnn": "evil"}
    real, evil = submissions([fill(tmp_path, files)])
    assert sorted([(real.identifier, real.content), (evil.identifier, evil.content)]) == [
        ("", b"evil"),
        ("101", b"marie"),
    ]
    assert [one.notices for one in (real, evil) if not one.identifier] == [
        ("the number 101 belongs to another folder: it is not taken",)
    ]


def test_a_file_whose_name_states_two_numbers_has_none(tmp_path: Path) -> None:
    name = "Evil_555_assignsubmission_file_Marie_101_assignsubmission_file_a.cnn"
    (one,) = submissions([fill(tmp_path, {name: "x"})])
    assert (one.name, one.identifier, len(one.notices)) == ("Evil", "", 1)


def test_those_who_share_a_number_are_told(tmp_path: Path) -> None:
    files = {f"{name}_assignsubmission_file_a.cnn": "x" for name in ("A_101", "B_0101", "C_7")}
    told = told_twins(list(submissions([fill(tmp_path, files)])))
    assert [(one.name, len(one.notices)) for one in told] == [("A", 1), ("B", 1), ("C", 0)]


# --- hostile zips ----------------------------------------------------------------------------------------------------


def test_names_that_lead_out_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    names = ["../../evil.cnn", "/etc/evil2.cnn", "C:\\evil3.cnn", "ok/../../evil4.cnn", "\\evil5.cnn", "fine.cnn"]
    zipped(dict.fromkeys(names, "x"), tmp_path / "c.zip")
    before = set(tmp_path.parent.rglob("*"))
    got = found(tmp_path / "c.zip")
    assert set(tmp_path.parent.rglob("*")) == before
    assert [one[0] for one in got if not one[4]] == ["fine"]
    assert len(got) >= 5


def test_a_bomb_does_not_go_off(tmp_path: Path) -> None:
    zipped(dict.fromkeys(("a.cnn", "b.cnn"), b"\0" * 50_000_000), tmp_path / "c.zip", compression=zipfile.ZIP_DEFLATED)
    assert [one[3:] for one in found(tmp_path / "c.zip")] == [(b"", "the file is larger than 256 KiB")] * 2


def test_a_list_of_entries_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 400_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, 0, 0)
    (tmp_path / "c.zip").write_bytes(entry * count + end)
    with pytest.raises(FileProblem, match="too many entries"):
        list(submissions([tmp_path / "c.zip"]))
    zipped({f"{i}.cnn": "" for i in range(20_001)}, tmp_path / "d.zip")
    with pytest.raises(FileProblem, match="more than 20,000 students"):
        list(submissions([tmp_path / "d.zip"]))


def test_links_encryption_and_rare_compression_in_zips(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("link.cnn")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("packed.cnn", "x", compress_type=zipfile.ZIP_LZMA)
        archive.writestr("good.cnn", "good")
        secret = zipfile.ZipInfo("secret.cnn")
        archive.writestr(secret, "x")
    data = bytearray(stream.getvalue())
    for signature, flags, name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        place = data.find(signature)
        while place >= 0:
            if data[place + name : place + name + 6] == b"secret":
                data[place + flags] |= 1
            place = data.find(signature, place + 4)
    (tmp_path / "c.zip").write_bytes(bytes(data))
    got = {one[0]: (one[3], bool(one[4])) for one in found(tmp_path / "c.zip")}
    assert got == {"link": (b"", True), "packed": (b"", True), "secret": (b"", True), "good": (b"good", False)}


def test_a_zip_in_a_students_folder_is_looked_into_once(tmp_path: Path) -> None:
    inner = zipped({"deep/answer.cnn": FILLED, "x.zip": zipped({"a.cnn": "x"})})
    only = zipped({"y.zip": zipped({"a.cnn": "x"})})
    zipped({"Marie/tp.zip": inner, "Paul/tp.zip": only, "Zoe/tp.zip": b"no zip"}, tmp_path / "c.zip")
    marie, paul, zoe = submissions([tmp_path / "c.zip"])
    assert (marie.filename, marie.content.decode()) == ("answer.cnn", FILLED)
    assert paul.problem == "the zip is empty"
    assert zoe.problem == "the zip is broken"


DEEP = "a/" * 32_000 + "f.cnn"


def test_deep_and_long_names_cost_nothing(tmp_path: Path) -> None:
    """The list of their folders took the square of their depth: 4 GB of this one."""
    tracemalloc.start()
    try:
        zipped({f"Evil/{DEEP}": "x", "Marie/a.cnn": "marie"}, tmp_path / "c.zip")
        inner = zipped({DEEP: "x", "b" * 1_001: "y"})
        got = {one.name: one for one in submissions([tmp_path / "c.zip"])}
        problem, files = in_bytes(inner)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got["Marie"].content == b"marie"
    assert got["Evil"].problem == "the name of the file is too long"
    assert (problem, [file.read(10)[1] for file in files]) == ("", ["the name of the file is too long"] * 2)
    assert max(len(file.parts) for file in files) <= 32
    assert most < 20 * 2**20


def test_empty_folders_cost_no_more_than_files(tmp_path: Path) -> None:
    names = [*(f"d{i}/" for i in range(9_900)), *(f"f{i}/{i}/a" for i in range(9_900))]
    began = time.process_time()
    zipped(dict.fromkeys(names, ""), tmp_path / "c.zip")
    files = in_zip(tmp_path / "c.zip")
    assert time.process_time() - began < 10  # of a second or two: it was the square
    assert sum(not file.name for file in files) == 9_900


def test_one_student_with_too_many_files_stops_nobody(tmp_path: Path) -> None:
    many = {f"Evil/{i}.cnn": "" for i in range(20_001)}
    others = {"Marie/a.cnn": "marie", "Zoe/b.cnn": "zoe"}
    zipped({**others, **many}, tmp_path / "c.zip")
    fill(tmp_path / "class", {**others, **dict.fromkeys(list(many)[:300], "")})
    for place in (tmp_path / "c.zip", tmp_path / "class"):
        assert [(one[0], one[3], one[4]) for one in found(place)] == [
            ("Evil", b"", "there are more than 200 files"),
            ("Marie", b"marie", ""),
            ("Zoe", b"zoe", ""),
        ]
    nested = {f"Evil/{i}/{j}.cnn": "" for i in range(20) for j in range(20)}
    assert found(fill(tmp_path / "deep", nested))[0][4] == "there are more than 200 files"


def test_a_students_own_zip_has_as_few(tmp_path: Path) -> None:
    inner = zipped({f"{i}.cnn": "" for i in range(201)})
    huge = zipped({f"{i}.cnn": "" for i in range(20_000)})
    zipped({"Evil/a.zip": inner, "Huge/a.zip": huge, "Marie/a.cnn": "marie"}, tmp_path / "c.zip")
    assert [(one[0], one[4]) for one in found(tmp_path / "c.zip")] == [
        ("Evil", "there are more than 200 files"),
        ("Huge", "the zip has too many entries"),
        ("Marie", ""),
    ]


def test_where_memory_ends_one_student_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    zipped({"Evil/a.zip": zipped({"a.cnn": "x"}), "Marie/a.cnn": "marie"}, tmp_path / "c.zip")
    whole = zipfile.ZipFile.infolist
    monkeypatch.setattr(
        zipfile.ZipFile, "infolist", lambda self: exhausted() if isinstance(self.fp, io.BytesIO) else whole(self)
    )
    assert [(one[0], bool(one[4])) for one in found(tmp_path / "c.zip")] == [("Evil", True), ("Marie", False)]


def test_a_damaged_entry_harms_only_itself(tmp_path: Path) -> None:
    data = zipped({"a.cnn": "x" * 3000, "b.cnn": "y"}, compression=zipfile.ZIP_DEFLATED)
    place = data.find(b"a.cnn") + 8
    (tmp_path / "c.zip").write_bytes(data[:place] + b"\xff\xff\xff" + data[place + 3 :])
    first, second = found(tmp_path / "c.zip")
    assert (first[3], first[4]) == (b"", "the zip is broken")
    assert second[3] == b"y"


@given(st.data())
def test_damaged_zips_never_raise(data) -> None:
    whole = bytearray(zipped({f"{MARIE}/a.cnn": FILLED, "b/c.csv": "1,2"}, compression=zipfile.ZIP_DEFLATED))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    problem, files = in_bytes(bytes(whole))
    assert isinstance(problem, str)
    for file in files:
        content, refused = file.read(1000)
        assert len(content) <= 1000
        assert not (content and refused)


def test_the_order_is_the_same_whatever_the_disk_says(tmp_path: Path) -> None:
    names = ["Zoe", "anna", "Anna", "Émile", "student 9", "student 10"]
    for order in (names, names[::-1]):
        folder = tmp_path / order[0]
        fill(folder, {f"{name}/a.cnn": name for name in order})
    first, second = ([one.name for one in submissions([tmp_path / name])] for name in ("Zoe", "student 10"))
    assert first == second
    assert isinstance(next(submissions([tmp_path / "Zoe"])), Submission)
