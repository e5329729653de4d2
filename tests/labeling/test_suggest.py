import openpyxl
import pytest
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corrections import read_corrections, settled
from xuntag.labeling.suggest import suggest
from xuntag.models.home import load_model
from xuntag.serving.api import resolve_model


@pytest.fixture(scope="module")
def model():
    return load_model(resolve_model("baseline"))


CLEAR = ["固定资产账实不符", "白条入账", "支部三会一课不落实", "处方点评走过场", "消防通道堵塞", "红包回扣问题突出"]
UNCLEAR = ["工作推进不力", "责任落实不到位，底数不清"]


def test_what_the_model_is_unsure_of_comes_first(model):
    texts = [*CLEAR, *UNCLEAR]
    assert {texts[i] for i in suggest(model, texts, [""] * len(texts), 2)} == set(UNCLEAR)


def test_of_findings_alike_only_one_is_chosen(model):
    alike = [f"工作推进不力，第{n}季度排名靠后" for n in "一二三四"]
    others = ["设备管理使用有差距", "对下属单位指导督促不够", "群众反映较多", "台账底数不清"]
    texts = [*alike, *others, *CLEAR * 5]
    chosen = [texts[i] for i in suggest(model, texts, [""] * len(texts), 5)]
    assert len(chosen) == 5
    assert sum(text in alike for text in chosen) <= 2


def test_no_more_are_chosen_than_there_are(model):
    assert suggest(model, [], [], 5) == []
    assert sorted(suggest(model, CLEAR[:3], [""] * 3, 5)) == [0, 1, 2]


def test_the_workbook_of_suggestions_comes_back_with_what_was_confirmed(tmp_path):
    notice, out = tmp_path / "清单.txt", tmp_path / "next.xlsx"
    notice.write_text(
        "检查发现的问题\n" + "".join(f"{n}.{text}。\n" for n, text in enumerate([*CLEAR, *UNCLEAR], 1)),
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["label", "suggest", str(notice), "-n", "3", "-o", str(out), "-m", "baseline"])
    assert "3 of 8 findings" in done.output
    book = openpyxl.load_workbook(out)
    book["问题清单"]["A2"] = "已核对"
    book.save(out)
    CliRunner().invoke(app, ["label", "import", str(out), "--into", str(tmp_path / "labels")])
    (confirmed,) = settled(read_corrections(tmp_path / "labels"))
    assert confirmed.labels == confirmed.old
