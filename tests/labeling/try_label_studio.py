"""Try the exchange with a real Label Studio server: ``python -m tests.labeling.try_label_studio PATH/TO/label-studio``.

Label Studio is installed in an environment of its own (``pip install label-studio``); the script starts it on loopback with a new
data folder, makes a project of the bundled taxonomy, imports the tasks of the sample notices, annotates three of them as a person
would, exports the project and reads the export back.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import xuntag
from xuntag.data.taxonomy import health
from xuntag.labeling.label_studio import labelling_configuration, read_export, tasks_of
from xuntag.serving.batch import find_inputs, tag_files

TOKEN, USER = "0123456789abcdef0123456789abcdef01234567", "officer@example.org"


@contextmanager
def server(command, folder):
    """Start Label Studio on a free port and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = ["--username", USER, "--password", "not-a-secret", "--user-token", TOKEN, "--enable-legacy-api-token"]
    started = [
        command,
        "start",
        "-b",
        "-p",
        str(port),
        "--internal-host",
        "127.0.0.1",
        "--data-dir",
        str(folder),
        *account,
    ]
    environment = {**os.environ, "COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false"}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(started, stdout=log, stderr=log, env=environment)
        try:
            for _ in range(180):
                time.sleep(1)
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
                    break
                except OSError:
                    if process.poll() is not None:
                        raise SystemExit((folder / "server.log").read_text()[-3000:]) from None
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def call(address, path, data=None):
    """Return what the API answers."""
    request = urllib.request.Request(
        address + path,
        data=None if data is None else json.dumps(data).encode(),
        headers={"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def chosen(name, *labels):
    """Return the result of one control, as the labelling page sends it."""
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}


def main():
    """Run the exchange and print what came back."""
    samples = Path(xuntag.__file__).parent / "data" / "samples"
    tasks = tasks_of(list(tag_files(find_inputs([str(samples)]), xuntag.load_tagger("baseline"))), "baseline", health())
    with tempfile.TemporaryDirectory() as folder, server(sys.argv[1], Path(folder)) as address:
        project = call(
            address, "/api/projects/", {"title": "xuntag", "label_config": labelling_configuration(health())}
        )["id"]
        imported = call(address, f"/api/projects/{project}/import", tasks)
        print("imported", imported["task_count"], "tasks with", imported["prediction_count"], "predictions")
        kept = call(address, f"/api/tasks/?project={project}&page_size=3")["tasks"]
        decisions = (
            [chosen("primary", "finance"), chosen("further", "work_style")],
            [chosen("no_finding", "yes")],
            [chosen("primary", *kept[2]["data"]["labels"][:1])],
        )
        for task, result in zip(kept, decisions, strict=True):
            call(address, f"/api/tasks/{task['id']}/annotations/", {"result": result})
        export = call(address, f"/api/projects/{project}/export?exportType=JSON")
        path = Path(folder) / "export.json"
        path.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
        corrections = read_export(path)
    for correction in corrections:
        print(correction.by, correction.at, correction.old, "->", correction.labels, correction.finding)
    assert {(c.labels, c.finding) for c in corrections[:2]} == {(("finance", "work_style"), True), ((), False)}
    assert len(corrections) == 3
    assert all(c.by == USER for c in corrections) or all(c.by.startswith("Label Studio user") for c in corrections)


if __name__ == "__main__":
    main()
