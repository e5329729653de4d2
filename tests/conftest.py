import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def model_home(tmp_path_factory):
    """Give the whole session a model home of its own; the baseline is trained into it once, on first use."""
    folder = tmp_path_factory.mktemp("xuntag-home")
    before = {name: os.environ.get(name) for name in ("XUNTAG_HOME", "MLFLOW_TRACKING_URI")}
    os.environ["XUNTAG_HOME"] = str(folder)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    yield folder
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    """Give one test a model home with nothing in it."""
    monkeypatch.setenv("XUNTAG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def shared():
    """Return the folder of evaluation material beside the repository; tests that need it are skipped without it."""
    if not (SHARED / "notices").is_dir():
        pytest.skip("the evaluation material is not beside the repository")
    return SHARED
