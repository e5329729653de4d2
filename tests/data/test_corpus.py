import re
import subprocess
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pytest
from xuntag.data.corpus import SPLITS, bundled, load_annotated, parse_annotated
from xuntag.data.read import read_notice
from xuntag.data.taxonomy import health
from xuntag.data.variety import measure, near_duplicates, skeleton
from xuntag.errors import DataError

ROOT = Path(__file__).resolve().parents[2]


def texts_of(notices):
    return [a.notice.text[f.start : f.end] for a in notices for f in a.findings]


def letters(text):
    return "".join(c for c in text if c.isalnum())


@pytest.mark.parametrize("split", SPLITS)
def test_every_mark_is_found_again_letter_for_letter(split):
    for annotated in bundled(split):
        source = (ROOT / "data" / "corpus" / split / f"{annotated.id}.txt").read_text(encoding="utf-8")
        marked = re.findall(r"\[\[(.+?)\|", source, re.DOTALL)
        assert len(marked) == len(annotated.findings)
        ends = [0, *(f.end for f in annotated.findings)]
        for finding, before in zip(annotated.findings, ends, strict=False):
            assert before <= finding.start < finding.end
            text = annotated.notice.text[finding.start : finding.end]
            assert letters(text[:1]) or text[0] in "“《（‘【*_×〔#", f"{annotated.id}: {text!r} begins with a mark"
            assert 4 <= len(text) <= 420, f"{annotated.id}: {text!r}"


def test_every_finding_carries_one_to_three_labels_each_once():
    for annotated in bundled():
        for finding in annotated.findings:
            assert 1 <= len(finding.labels) <= 3
            assert len(set(finding.labels)) == len(finding.labels)
            assert set(finding.labels) <= set(health().ids)


def test_ids_are_unique_and_every_split_knows_every_category():
    ids = [annotated.id for annotated in bundled()]
    assert len(ids) == len(set(ids))
    for split in SPLITS:
        primaries = {finding.labels[0] for annotated in bundled(split) for finding in annotated.findings}
        assert primaries == set(health().ids)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_no_near_duplicate_crosses_splits(split):
    others = texts_of(a for a in bundled() if a.split != split)
    ours = texts_of(bundled(split))
    found = [(ours[i], others[j], round(s, 2)) for i, j, s in near_duplicates(ours, others)]
    assert found == [], "\n".join(map(str, found))


def test_no_skeleton_is_used_more_than_three_times():
    used = Counter(map(skeleton, texts_of(bundled())))
    assert [(text, n) for text, n in used.items() if n > 3] == []


def test_the_corpus_is_varied():
    assert measure(texts_of(bundled())).faults() == []


def test_a_corpus_made_from_templates_is_refused():
    objects = ["采购", "财务", "资产", "人事", "党建", "医废", "消防", "医保", "信访", "病历"]
    places = ["东岭县", "西河区", "南溪镇", "北屯乡", "中坪村"]
    made = [
        f"{place}{thing}管理不规范，{year}年{n}项未整改到位"
        for place in places
        for thing in objects
        for year in (2019, 2023)
        for n in (3, 8)
    ]
    faults = " ".join(measure(made).faults())
    assert "near-duplicate" in faults
    assert "skeleton" in faults
    assert "nearest of 100" in faults


def test_a_bad_mark_is_named_with_its_line(tmp_path):
    head = "id: x01\nkind: list\n\n"
    with pytest.raises(
        DataError, match=r"x01\.txt line 5: label 'finanse' is not in the taxonomy; closest is 'finance'"
    ):
        parse_annotated(head + "1.[[账实不符|asset]]\n2.[[白条入账|finanse]]", "x01.txt", "train", health())
    with pytest.raises(DataError, match=r"x01\.txt near line 4: a mark does not parse"):
        parse_annotated(head + "1.[[账实不符|asset]", "x01.txt", "train", health())
    with pytest.raises(DataError, match="needs a line 'id"):
        parse_annotated("kind: list\n\n1.[[账实不符|asset]]", "x01.txt", "train", health())
    with pytest.raises(DataError, match="holds no annotated notices"):
        load_annotated(tmp_path, health())


# Names and slogans that every notice writes in the same words.
FIXED = re.compile(
    "习近平新时代中国特色社会主义思想|习近平总书记[^，。]{0,12}?重要(?:讲话|论述|指示批示|指示)(?:精神)?|把方向、管大局、作决策、促改革、保落实|领导核心作用|巡察反馈(?:问题|意见)整改|专题民主生活会|当下改|长久立|高等专科学校|“?第一议题”?(?:学习)?制度|党的(?:十九|二十)大精神|党委领导下的院长负责制|全面从严治党|公立医院高质量发展|理论学习中心组"
    "|基本公共卫生服务|先锋模范作用|社区卫生服务中心|卫生健康委员会|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
)


def four_grams(text):
    plain = letters(FIXED.sub("", text))
    return {plain[i : i + 4] for i in range(len(plain) - 3)}


def test_no_text_of_the_repository_is_like_a_sentence_of_the_evaluation_notices(shared):
    """Half of the character 4-grams in common is too like; what several writers wrote unseen of each other is office formula."""
    sentences = [
        s
        for path in sorted((shared / "notices").glob("*.txt"))
        for s in re.split("[。；！？\n]", read_notice(path).text)
    ]
    holding = defaultdict(set)
    for number, sentence in enumerate(sentences):
        for gram in four_grams(sentence):
            holding[gram].add(number)
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    files = [ROOT / name for name in tracked if name.endswith((".txt", ".md", ".yaml", ".jsonl", ".py", ".csv"))]
    like = defaultdict(list)
    for path in files:
        for text in re.split(r"[。；！？\n\t|]|\[\[|\]\]", path.read_text(encoding="utf-8", errors="ignore")):
            grams = four_grams(text)
            if len(grams) < 11:
                continue
            shared_with = Counter(chain.from_iterable(holding[gram] for gram in grams if gram in holding))
            for number, count in shared_with.most_common(1):
                if count * 2 >= len(grams):
                    like[number].append((path.name, text))
    too_like = {
        f"{hits} is like {sentences[number]!r}" for number, hits in like.items() if len({name for name, _ in hits}) < 3
    }
    assert not too_like, "\n".join(sorted(too_like))


# More than the longest name of an office or a campaign; a run of so many is copied, formula or not.
_LONGEST_RUN = 24


def test_no_run_of_characters_of_the_repository_stands_in_the_evaluation_notices(shared):
    def han(text):
        return "".join(char for char in text if "一" <= char <= "鿿")

    runs = set()
    for path in (shared / "notices").glob("*.txt"):
        text = han(read_notice(path).text)
        runs |= {text[i : i + _LONGEST_RUN] for i in range(len(text) - _LONGEST_RUN + 1)}
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copied = []
    for name in filter(None, tracked.split("\0")):
        text = han((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
        copied += [
            (name, text[i : i + _LONGEST_RUN])
            for i in range(len(text) - _LONGEST_RUN + 1)
            if text[i : i + _LONGEST_RUN] in runs
        ]
    assert not copied, "\n".join(f"{name}: {run}" for name, run in copied)
