import sys
from pathlib import Path

import docx
import pytest
import xuntag
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from xuntag.data.readers.word import format_number

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from office import Writer, abstract, number, qn


def lines(writer):
    return xuntag.read_notice(data=writer.bytes(), filename="通报.docx").text.split("\n")


def test_automatic_numbers_are_rebuilt_on_all_levels():
    writer = Writer([abstract(0)], [number(1, 0)])
    for text, level in [
        ("总则", 0),
        ("学习", 1),
        ("不深", 2),
        ("细节", 3),
        ("小点", 4),
        ("再一点", 4),
        ("又不实", 2),
        ("财务", 1),
        ("账实不符", 2),
        ("其他", 0),
    ]:
        writer.add(text, (1, level))
    assert lines(writer) == [
        "一、总则",
        "（一）学习",
        "1.不深",
        "（1）细节",
        "①小点",
        "②再一点",
        "2.又不实",
        "（二）财务",
        "1.账实不符",
        "二、其他",
    ]


def test_a_level_that_never_restarts_runs_on_across_groups():
    running = abstract(0)
    running.findall(qn("w:lvl"))[2].append(parse_xml(f'<w:lvlRestart {nsdecls("w")} w:val="0"/>'))
    writer = Writer([running], [number(1, 0)])
    for text, level in [("甲", 1), ("一条", 2), ("二条", 2), ("乙", 1), ("三条", 2)]:
        writer.add(text, (1, level))
    assert lines(writer) == ["（一）甲", "1.一条", "2.二条", "（二）乙", "3.三条"]


def test_a_new_list_of_the_same_definition_restarts_only_where_it_says_so():
    writer = Writer([abstract(0)], [number(1, 0), number(2, 0, restart=2), number(3, 0)])
    for ident, text in [(1, "一"), (1, "二"), (2, "重起"), (2, "又一"), (3, "接着")]:
        writer.add(text, (ident, 2))
    assert lines(writer) == ["1.一", "2.二", "1.重起", "2.又一", "3.接着"]


def test_numbering_through_a_paragraph_style_and_the_style_it_is_based_on():
    writer = Writer([abstract(0, styles=("TopicA", "TopicB"))], [number(1, 0)])
    styles = writer.document.styles
    for name, base in (("TopicA", None), ("TopicB", None), ("TopicC", "TopicB")):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if base:
            style.base_style = styles[base]
        else:
            style.element.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="1"/></w:numPr>'))
    writer.add("政治建设", style="TopicA")
    writer.add("学习不深", style="TopicB")
    writer.add("笔记缺失", style="TopicC")
    plain = writer.add("不编号", style="TopicB")
    plain._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="0"/></w:numPr>'))
    assert lines(writer) == ["一、政治建设", "（一）学习不深", "（二）笔记缺失", "不编号"]


def test_start_value_and_missing_definition():
    writer = Writer([abstract(0, start=5)], [number(1, 0)])
    writer.add("第五", (1, 2))
    writer.add("无此表", (9, 0))
    assert lines(writer) == ["5.第五", "无此表"]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (12, "chineseCounting", "十二"),
        (20, "japaneseCounting", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (3, "decimalEnclosedCircle", "③"),
        (22, "decimalEnclosedCircle", "㉒"),
        (51, "decimalEnclosedCircle", "(51)"),
        (28, "lowerLetter", "bb"),
        (14, "upperRoman", "XIV"),
        (7, "decimalZero", "07"),
        (3, "ideographTraditional", "丙"),
    ],
)
def test_number_formats(value, kind, text):
    assert format_number(value, kind) == text


def test_text_in_fields_insertions_controls_and_boxes_is_read_and_deleted_text_is_not():
    writer = Writer([abstract(0)], [number(1, 0)])
    w = nsdecls("w")
    paragraph = writer.add("采购")
    for xml in (
        f"<w:ins {w}><w:r><w:t>程序</w:t></w:r></w:ins>",
        f"<w:del {w}><w:r><w:delText>删去</w:delText></w:r></w:del>",
        f"<w:sdt {w}><w:sdtContent><w:r><w:t>倒置</w:t></w:r></w:sdtContent></w:sdt>",
        f'<w:r {w}><w:fldChar w:fldCharType="begin"/></w:r>',
        f'<w:r {w}><w:instrText xml:space="preserve"> EQ \\o\\ac(○,22)</w:instrText></w:r>',
        f'<w:r {w}><w:instrText xml:space="preserve"> PAGE \\* MERGEFORMAT </w:instrText></w:r>',
        f'<w:r {w}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>',
    ):
        paragraph._p.append(parse_xml(xml))
    assert lines(writer) == ["采购程序倒置㉒", "框内"]


def test_tables_keep_their_columns_over_merged_cells_and_frames_are_read_as_paragraphs():
    document = docx.Document()
    document.add_paragraph("问题清单")
    table = document.add_table(rows=4, cols=3)
    for row, cells in enumerate(
        [("方面", "问题", "措施"), ("财务", "白条入账", "清退"), ("", "公款私存", "立案"), ("合计2项", "", "")]
    ):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(3, 2))
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "框中一段"
    writer = Writer.__new__(Writer)
    writer.document = document
    notice = xuntag.read_notice(data=writer.bytes(), filename="x.docx")
    assert notice.text.split("\n") == [
        "问题清单",
        "方面\t问题\t措施",
        "财务\t白条入账\t清退",
        "公款私存\t立案".join(["\t", ""]),
        "合计2项",
        "框中一段",
    ]
    assert [line.place for line in notice.lines][:3] == ["第1段", "表1第1行", "表1第2行"]
