import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xuntag.data.corpus import bundled
from xuntag.data.normalise import normalise

DAMAGED = [
    ("對藥品采購監(jiān)管不嚴(yán),們(men)重視(shì)不夠", "对药品采购监管不严，们重视不够"),
    ("一是学习不深,,记录不全。。", "一是学习不深，记录不全。"),
    ("党费收缴不及时；，台账缺失", "党费收缴不及时；台账缺失"),
    (" EQ \\o\\ac(○,22)处方点评走过场", "㉒处方点评走过场"),
    ('{ EQ \\* jc0 \\* "Font:宋体" \\* hps32 \\o\\ac(○,3)}台账缺项', "③台账缺项"),
    (" EQ \\o\\ac(○,51)未整改", "(51)未整改"),
    ("２０２３年共２７项，占５０％", "2023年共27项，占50%"),
    ("2024717日至20247月18日", "2024年7月17日至2024年7月18日"),
    ("2024年717日", "2024年7月17日"),
    ('关于“台账不清"的问题.一是', '关于“台账不清"的问题。一是'),
    ("看病难,\n看病贵", "看病难，看病贵"),
    ("\ufeff标题\r\n正\u200b文", "标题\n正文"),
    ("⼀是⽣产安全", "一是生产安全"),
    ("序号\t问题\t措施\t\t", "序号\t问题\t措施"),
    ("(含税)3.5万元,1,312人,12:30", "（含税）3.5万元，1,312人，12:30"),
    ("a\n\n\n\nb", "a\n\nb"),
]
UNTOUCHED = [
    "2024111日",  # 11月1日 or 1月11日
    "乾隆年间",
    "**委第*巡察组、深化医药卫生_改革、某某医院",
    "对CT(mri)检查",
    "https://example.cn/a?b=1;c=2",
    "整改完成率96.5%；余款1,312.00元",
    "资金……未上缴",
]


@pytest.mark.parametrize(("damaged", "mended"), DAMAGED)
def test_damage_is_undone(damaged, mended):
    assert normalise(damaged) == mended


@pytest.mark.parametrize("text", UNTOUCHED)
def test_sound_text_is_left_alone(text):
    assert normalise(text) == text


def test_plain_texts_are_passed_through_just_as_cleaning_would_leave_them():
    texts = {line for annotated in bundled("train") for line in annotated.notice.text.split("\n")}
    assert all(normalise(text) == normalise(text + "\n\n") for text in texts)


def test_simplified_text_keeps_a_traditional_name():
    text = (
        "院长陳國強同志主持会议，通报了药品采购管理、固定资产清查、处方点评等方面的情况，并就下一步整改工作作出部署。"
    )
    assert normalise(text) == text


def test_lines_hard_wrapped_at_one_width_are_joined_into_paragraphs():
    paragraph = (
        "经县委批准县委第三巡察组于二〇二三年三月至五月对县疾病预防控制中心党支部开展了常规巡察现将巡察发现的主要问题反馈如下请认真研究并按要求抓好整改落实"
        * 3
    )
    wrapped = "\n".join(paragraph[i : i + 30] for i in range(0, len(paragraph), 30))
    assert normalise(wrapped + "。\n一、学习不深入") == paragraph + "。\n一、学习不深入"


def test_lines_of_a_plain_list_are_not_joined():
    text = "固定资产账实不符\n处方点评走过场，记录不全\n党费收缴不及时\n台账缺项\n备用金长期不清理\n公章外借无登记"
    assert normalise(text) == text


def test_numbered_items_are_never_joined():
    text = "1.采购程序倒置，先用后招，\n2.验收走形式"
    assert normalise(text) == text


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(
            list(
                "一二三是学习不深入，。；：、！？“”（）()《》,.;:!?\"' \t\n\r\u3000①②㉒○EQ\\oac{}1234567890年月日第關於監管嚴發現題(jiān)*_×某aā-—…\u200b"
            )
        ),
        max_size=80,
    )
)
@example("2024年717日2024717日\n EQ \\o\\ac(○,1),，")
@example("（(一)）,,\n。")
def test_normalising_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once
