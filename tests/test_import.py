import subprocess
import sys

import pytest
import xuntag


def run(code, **options):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, **options)


def test_importing_xuntag_loads_no_heavy_package():
    code = "import xuntag, sys; print([m for m in ('numpy', 'scipy', 'sklearn', 'mlflow', 'torch', 'openpyxl', 'yaml', 'docx') if m in sys.modules])"
    assert run(code).stdout.strip() == "[]"


def test_tagging_with_a_trained_baseline_imports_neither_scikit_learn_nor_mlflow():
    xuntag.load_tagger()
    code = "import xuntag, sys; xuntag.tag('账实不符'); print([m for m in ('sklearn', 'mlflow', 'jieba', 'pandas') if m in sys.modules])"
    assert run(code).stdout.strip() == "[]"


def test_every_public_name_exists():
    for name in xuntag.__all__:
        assert getattr(xuntag, name) is not None


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="tagg"):
        _ = xuntag.tagg


def test_all_errors_derive_from_xuntag_error():
    for name in ("DataError", "ModelError", "MissingExtraError", "UnreadableNoticeError"):
        assert issubclass(getattr(xuntag, name), xuntag.XuntagError)
