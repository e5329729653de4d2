import json
import subprocess
import sys

import openpyxl
import pytest
import xuntag
from typer.testing import CliRunner
from xuntag.cli import app

LIST = "检查发现的问题\n1.药品采购先用后招。\n2.理论学习不深入。\n3.固定资产账实不符。"


def xuntag_command(*arguments, **options):
    """Run the installed command as a user does."""
    code = "import sys; from xuntag.cli import main; sys.argv[0] = 'xuntag'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture
def folder(tmp_path):
    notices = tmp_path / "通报"
    notices.mkdir()
    (notices / "清单.txt").write_text(LIST, encoding="gb18030")
    return notices


def test_tag_writes_a_workbook_and_prints_counts(folder, tmp_path):
    result = xuntag_command("tag", folder, "-o", tmp_path / "out" / "findings.xlsx")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "in all, 1 of 1 notices read" in result.stdout
    assert openpyxl.load_workbook(tmp_path / "out" / "findings.xlsx")["问题清单"].max_row == 4


def test_tag_without_output_prints_a_line_a_finding(folder):
    result = xuntag_command("tag", folder)
    assert "[采购管理] 药品采购先用后招" in result.stdout
    assert "[资产管理] 固定资产账实不符" in result.stdout


def test_one_bad_file_is_named_the_rest_is_done_and_the_exit_code_is_1(folder, tmp_path):
    (folder / "坏.docx").write_bytes(b"PK\x03\x04 cut off")
    out = tmp_path / "o.jsonl"
    result = xuntag_command("tag", folder, "-o", out)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "坏.docx" in result.stderr
    assert "cut off or damaged" in result.stderr
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3


def test_fail_fast_stops_and_writes_nothing(folder, tmp_path):
    (folder / "坏.docx").write_bytes(b"")
    result = xuntag_command("tag", folder, "-o", tmp_path / "o.csv", "--fail-fast")
    assert result.returncode == 1
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tag", "nowhere/*.docx"), "No file matches"),
        (("tag", "{folder}", "-o", "x.doc"), r"must end in .jsonl, .csv, .xlsx"),
        (("tag", "{folder}", "--split-by", "group"), "give it with -o OUT.xlsx"),
        (("tag", "{folder}", "--split-by", "colour", "-o", "x.xlsx"), "colour"),
        (("tag", "{folder}", "-m", "nothing"), "There is no model 'nothing'"),
        (("train", "baseline", "--set", "promis=0.9"), "Unknown setting 'promis'; closest is 'promise'"),
        (("train", "baseline", "--set", "promise=high"), "Setting promise is 'high'; it must be a float"),
        (("train", "baseline", "--set", "promise=2"), "promise is 2; it must lie between 0.5 and 0.999"),
        (("train", "baseline", "--data", "nowhere.jsonl"), "nowhere.jsonl"),
        (("evaluate", "--data", "nowhere.jsonl"), "Cannot read nowhere.jsonl"),
        (("promote", "nothing"), "There is no model 'nothing'"),
        (("nonsense",), "nonsense"),
        (("tag",), "INPUTS"),
    ],
)
def test_wrong_usage_is_one_clear_error_and_exit_code_2(folder, tmp_path, arguments, message):
    result = xuntag_command(*(a.format(folder=folder) for a in arguments), cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["通报"]


def test_an_unknown_label_in_a_data_file_is_named_and_nothing_is_written(tmp_path):
    data = tmp_path / "rows.jsonl"
    data.write_text('{"text": "账实不符", "labels": ["assett"]}\n', encoding="utf-8")
    result = xuntag_command("evaluate", "--data", data)
    assert result.returncode == 2
    assert "rows.jsonl line 1: label 'assett' is not in the taxonomy; closest is 'asset'" in result.stderr


@pytest.mark.parametrize("command", ["", "tag", "train", "evaluate", "models", "promote"])
def test_help_says_what_comes_out_first(command):
    result = CliRunner().invoke(app, [command, "--help"] if command else ["--help"])
    assert result.exit_code == 0
    assert len(result.stdout) > 150


def test_version():
    assert xuntag_command("--version").stdout == f"xuntag {xuntag.__version__}\n"


def test_output_is_utf8_whatever_the_locale(folder):
    import os

    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code = "import sys; from xuntag.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "tag", str(folder)], capture_output=True, env=environment, check=False
    )
    assert "采购管理" in result.stdout.decode("utf-8")


def test_evaluate_json_has_the_promised_keys(tmp_path):
    data = tmp_path / "rows.jsonl"
    rows = [
        ("固定资产账实不符", ["asset"]),
        ("支部三年没有换届", ["party_building"]),
        ("药品采购先用后招", ["procurement", "finance"]),
    ]
    data.write_text(
        "\n".join(json.dumps({"text": t, "labels": labels}, ensure_ascii=False) for t, labels in rows), encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["evaluate", "--data", str(data), "--json"], catch_exceptions=False)
    measured = json.loads(result.stdout)
    assert {"n", "primary_accuracy", "exact_match", "micro_f1", "macro_f1", "auto_share", "auto_accuracy"} <= set(
        measured
    )
    assert measured["n"] == 3
    assert measured["primary_accuracy"] == 1.0
    assert measured["exact_match"] == pytest.approx(2 / 3, abs=1e-4)


def test_models_and_promote(empty_home, tmp_path):
    runner = CliRunner()
    assert "No model in" in runner.invoke(app, ["models"]).stdout
    folder = tmp_path / "mine"
    result = runner.invoke(app, ["train", "baseline", "--out", str(folder), "--no-tracking"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "primary accuracy" in result.stdout
    promoted = runner.invoke(app, ["promote", str(folder)], catch_exceptions=False)
    assert promoted.exit_code == 0, promoted.output
    listed = runner.invoke(app, ["models"]).stdout
    assert listed.startswith("* mine-")
    assert xuntag.load_tagger().model.startswith("mine-")
    # Later training into the same folder does not change what was promoted.
    before = xuntag.tag("账实不符").scores
    for file in folder.iterdir():
        file.unlink()
    assert xuntag.tag("账实不符").scores == before


def test_a_worse_model_is_not_promoted_without_force(empty_home, tmp_path):
    import dataclasses

    from xuntag.training.baseline import BaselineConfig
    from xuntag.training.dataset import bundled_dataset
    from xuntag.training.fit import fit_baseline, save_model

    runner = CliRunner()
    data = bundled_dataset()
    save_model(fit_baseline(data, name="good"), tmp_path / "good")
    few = dataclasses.replace(data, train=data.train[:300])
    save_model(fit_baseline(few, BaselineConfig(), name="poor"), tmp_path / "poor")
    assert runner.invoke(app, ["promote", str(tmp_path / "good")]).exit_code == 0
    refused = xuntag_command("promote", tmp_path / "poor")
    assert refused.returncode == 2
    assert "worse than the champion" in refused.stderr
    assert xuntag.load_tagger().model.startswith("good-")
    assert xuntag_command("promote", tmp_path / "poor", "--force").returncode == 0
    assert xuntag.load_tagger().model.startswith("poor-")
