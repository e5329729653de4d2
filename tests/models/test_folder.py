import json
import shutil

import numpy as np
import pytest
import xuntag
from xuntag import ModelError
from xuntag.models.folder import read_folder, write_folder
from xuntag.models.home import model_folder


@pytest.fixture
def folder(tmp_path):
    xuntag.load_tagger("baseline")
    copy = tmp_path / "model"
    shutil.copytree(model_folder("baseline"), copy)
    return copy


def test_a_copied_folder_tags_as_the_original(folder):
    texts = ["医废暂存间未上锁", "账实不符"]
    assert xuntag.load_tagger(folder).tag(texts) == xuntag.load_tagger("baseline").tag(texts)


def test_folder_holds_no_pickle(folder):
    for path in folder.iterdir():
        assert b"sklearn" not in path.read_bytes()
        assert path.suffix in (".json", ".npz")


def test_description_says_what_it_was_trained_on(folder):
    about = json.loads((folder / "xuntag.json").read_text(encoding="utf-8"))
    assert about["kind"] == "baseline"
    assert len(about["corpus_sha256"]) == len(about["taxonomy_sha256"]) == 64
    assert [c["id"] for c in about["taxonomy"]["categories"]][-1] == "other"
    assert len(about["decisions"]["thresholds"]) == 25


@pytest.mark.parametrize("name", ["weights.npz", "words.json"])
def test_an_altered_file_is_refused_by_name(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} has been altered"):
        xuntag.load_tagger(folder)


@pytest.mark.parametrize("name", ["weights.npz", "words.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        xuntag.load_tagger(folder)


def test_a_damaged_description_is_refused(folder):
    (folder / "xuntag.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"xuntag\.json cannot be read"):
        xuntag.load_tagger(folder)


def test_a_file_name_that_leaves_the_folder_is_refused(folder):
    about = json.loads((folder / "xuntag.json").read_text(encoding="utf-8"))
    about["files"]["../outside"] = "0" * 64
    (folder / "xuntag.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ModelError, match="not a plain file name"):
        xuntag.load_tagger(folder)


def test_a_failed_write_leaves_the_old_folder_and_no_litter(tmp_path):
    write_folder(tmp_path / "m", {"kind": "x"}, {"a.txt": b"old"}, {})
    with pytest.raises(TypeError):
        write_folder(tmp_path / "m", {"kind": object()}, {"a.txt": b"new"}, {})
    assert read_folder(tmp_path / "m").text("a.txt") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_pickled_arrays_are_refused(tmp_path):
    write_folder(tmp_path / "m", {"kind": "x"}, {}, {"w.npz": {"a": np.array([{}], dtype=object)}})
    with pytest.raises(ModelError, match=r"w\.npz is damaged"):
        read_folder(tmp_path / "m").arrays("w.npz")


def test_an_unknown_model_name_is_answered_with_the_closest(model_home):
    xuntag.load_tagger("baseline")
    with pytest.raises(ModelError, match="closest is 'baseline'"):
        xuntag.load_tagger("basline")
