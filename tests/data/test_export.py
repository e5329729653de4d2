import pytest
from datasets import load_dataset
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corpus import bundled
from xuntag.data.rows import read_rows
from xuntag.data.taxonomy import health


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_exported_splits_are_read_by_datasets(tmp_path, form):
    done = CliRunner().invoke(app, ["export", str(tmp_path / "rows"), "--format", form])
    assert done.exit_code == 0, done.output
    found = load_dataset(str(tmp_path / "rows"), cache_dir=str(tmp_path / "cache"))
    assert set(found) == {"train", "validation", "test"}
    for name, split in (("train", "train"), ("validation", "dev"), ("test", "test")):
        findings = [f for annotated in bundled(split) for f in annotated.findings]
        assert [tuple(labels) for labels in found[name]["labels"]] == [f.labels for f in findings]
        assert set(found[name]["split"]) == {split}


def test_exported_rows_are_rows_of_the_contract(tmp_path):
    CliRunner().invoke(app, ["export", str(tmp_path)])
    rows = read_rows(tmp_path / "dev.jsonl", health().ids)
    texts = [a.notice.text[f.start : f.end] for a in bundled("dev") for f in a.findings]
    assert [row.text for row in rows] == texts
