import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

USE = """
import xuntag
from xuntag.data.corpus import bundled
from xuntag.data.taxonomy import health
print(xuntag.__file__, len(bundled("test")), len(health().ids), xuntag.tag("固定资产账实不符").labels[0])
"""


def test_a_wheel_installed_elsewhere_tags_with_its_own_corpus_and_taxonomy(tmp_path):
    checkout = tmp_path / "checkout"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, target)
    made = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
    ]
    subprocess.run([*made, str(checkout)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        names = archive.namelist()
    assert not [name for name in names if "/tests/" in name or name.startswith("tests/")]
    environment = {**os.environ, "PYTHONPATH": str(installed), "XUNTAG_HOME": str(tmp_path / "home")}
    answer = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    where, notices, categories, label = answer.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert int(notices) >= 11
    assert categories == "25"
    assert label == "asset"
