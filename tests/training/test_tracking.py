import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import xuntag
from typer.testing import CliRunner
from xuntag.cli import app

mlflow = pytest.importorskip("mlflow")
pytestmark = pytest.mark.slow

TEXTS = ["医废暂存间未上锁，交接登记缺项", "账实不符", "支部三年没有换届", ""]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a real MLflow server on loopback."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--workers",
                "1",
                "--backend-store-uri",
                f"sqlite:///{folder / 'mlflow.db'}",
                "--artifacts-destination",
                (folder / "artifacts").as_uri(),
            ],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/health", timeout=1)
                    break
                except OSError:
                    if process.poll() is not None:
                        pytest.fail((folder / "server.log").read_text())
                    time.sleep(0.5)
            else:
                pytest.fail("the MLflow server did not start")
            yield address
        finally:
            os.killpg(process.pid, 15)
            process.wait(20)


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_is_recorded_registered_promoted_and_served_back(server, empty_home, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    printed = run("train", "baseline")
    run_id = next(line.split()[2] for line in printed.splitlines() if line.startswith("MLflow run:"))

    client = mlflow.MlflowClient(server)
    data = client.get_run(run_id).data
    assert data.params["kind"] == "baseline"
    assert float(data.params["c"]) > 0
    assert len(data.tags["corpus_sha256"]) == len(data.tags["taxonomy_sha256"]) == 64
    assert 0.5 < data.metrics["test_primary_accuracy"] <= 1
    assert "test_group_integrity_primary_accuracy" in data.metrics
    assert {"test_label_finance_f1", "test_label_finance_precision", "test_label_finance_recall"} <= set(data.metrics)
    artifacts = {file.path for file in client.list_artifacts(run_id)}
    assert {"test_confusion.png", "test_precision_recall.png", "test_evaluation.json"} <= artifacts

    promoted = run("promote", run_id)
    assert "is now @champion" in promoted
    assert client.get_model_version_by_alias("xuntag", "champion").run_id == run_id

    before = os.environ["MLFLOW_TRACKING_URI"]
    mlflow.set_tracking_uri(server)
    import pandas as pd

    loaded = mlflow.pyfunc.load_model("models:/xuntag@champion")
    answer = loaded.predict(pd.DataFrame({"text": TEXTS, "heading": ["", "资产管理", "", ""]}))
    mlflow.set_tracking_uri(before)
    tags = xuntag.tag(TEXTS, ["", "资产管理", "", ""])
    assert [tuple(labels) for labels in answer["labels"]] == [tag.labels for tag in tags]
    assert list(answer["needs_review"]) == [tag.needs_review for tag in tags]
    for scores, tag in zip(answer["scores"], tags, strict=True):
        assert scores == pytest.approx(tag.scores, abs=1e-6)

    assert loaded.metadata.signature.inputs.input_names() == ["text", "heading"]
    assert xuntag.tag(TEXTS[0], model="models:/xuntag@champion").labels == tags[0].labels


def test_without_a_server_runs_go_to_a_file_beside_the_models(empty_home, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    rows = tmp_path / "rows.jsonl"
    texts = [("锁坏了", "门"), ("窗破了", "窗"), ("门关不上", "门"), ("玻璃裂了", "窗")] * 5
    rows.write_text(
        "\n".join(json.dumps({"text": t, "labels": [label]}, ensure_ascii=False) for t, label in texts),
        encoding="utf-8",
    )
    printed = run("train", "baseline", "--data", str(rows))
    assert str(empty_home / "mlflow.db") in printed
    assert (empty_home / "mlflow.db").is_file()
    assert (empty_home / "mlartifacts").is_dir()
    # Nothing is left in the working directory, and nothing in the environment.
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "rows.jsonl"]
    assert "MLFLOW_TRACKING_URI" not in os.environ
    recorded = (empty_home / "mlflow.db").read_bytes()
    assert not any(t.encode() in recorded for t, _ in texts)


def test_an_unknown_model_uri_is_one_clear_error(empty_home, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(xuntag.ModelError, match="Cannot fetch models:/nothing@champion"):
        xuntag.load_tagger("models:/nothing@champion")
