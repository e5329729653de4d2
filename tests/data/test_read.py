import io
import zipfile

import openpyxl
import pytest
import xuntag
from xuntag import UnreadableNoticeError, read_notice

TEXT = "县委第二巡察组向县中医院党支部反馈巡察情况\n一是党费收缴不及时，台账缺项；二是药品采购程序倒置。\n2023年5月6日"
TRADITIONAL = (
    "縣委第二巡察組向縣中醫院黨支部反饋巡察情況\n一是黨費收繳不及時，台賬缺項；二是藥品採購程序倒置。\n2023年5月6日"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_chinese_offices_reads_the_same(tmp_path, encoding):
    path = tmp_path / "通报.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read_notice(path).text == TEXT


def test_big5_is_read_and_simplified(tmp_path):
    path = tmp_path / "通報.txt"
    path.write_bytes(TRADITIONAL.encode("big5"))
    assert read_notice(path).text.startswith("县委第二巡察组向县中医院党支部反馈巡察情况\n一是党费收缴不及时")


def test_title_organisation_date_and_count():
    notice = read_notice(
        text="中共青河县卫生健康局党组关于巡察整改进展情况的通报\n\n2022年3月至5月，县委第一巡察组对县卫生健康局党组开展了巡察，共反馈3个方面27个具体问题。\n"
        "1.学习不深。\n整改情况：已完成整改。\n2.账实不符。\n整改情况：已完成整改。\n3.记录不全。\n整改情况：已完成。\n中共青河县卫生健康局党组\n2022年11月8日"
    )
    assert notice.title == "中共青河县卫生健康局党组关于巡察整改进展情况的通报"
    assert notice.organisation == "青河县卫生健康局"
    assert notice.date == "2022-11-08"
    assert notice.stated_count == 27
    assert notice.kind == "rectification"


def test_what_the_text_does_not_say_is_none():
    notice = read_notice(text="台账缺项\n公章外借")
    assert (notice.organisation, notice.date, notice.stated_count) == (None, None, None)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_dialects_and_cell_places(tmp_path, separator):
    path = tmp_path / "台账.csv"
    path.write_bytes(
        f'序号{separator}存在问题{separator}整改措施\n1{separator}"白条入账，""金额""不小"{separator}清退'.encode(
            "gb18030"
        )
    )
    notice = read_notice(path)
    assert notice.text == "序号\t存在问题\t整改措施\n1\t白条入账，“金额”不小\t清退"
    assert notice.lines[1].cell_places == ("A2", "B2", "C2")


def test_jsonl_lines_are_texts_with_their_headings(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "台账缺项", "heading": "管理"}\n{"text": "白条入账"}\n', encoding="utf-8")
    assert read_notice(path).text == "问题类别\t问题\n管理\t台账缺项\n\t白条入账"


def test_xlsx_reads_visible_sheets_with_cell_places_dates_and_numbers(tmp_path):
    import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "清单"
    sheet.append(["巡察反馈问题整改台账"])
    sheet.merge_cells("A1:D1")
    sheet.append(["序号", "反馈问题", "完成时限", "金额"])
    sheet.append([1.0, "白条入账", datetime.datetime(2023, 5, 31), 3.5])
    hidden = book.create_sheet("下拉")
    hidden.append(["不应读到"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "台账.xlsx"
    book.save(path)
    notice = read_notice(path)
    assert notice.text == "巡察反馈问题整改台账\n序号\t反馈问题\t完成时限\t金额\n1\t白条入账\t2023-05-31\t3.5"
    assert notice.lines[2].cell_places == ("清单!A3", "清单!B3", "清单!C3", "清单!D3")


def test_what_a_file_holds_decides_not_what_it_is_called(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["问题", "措施"])
    book.active.append(["台账缺项", "补登"])
    path = tmp_path / "其实是表格.txt"
    book.save(path.with_suffix(".xlsx"))
    path.write_bytes(path.with_suffix(".xlsx").read_bytes())
    assert read_notice(path).text == "问题\t措施\n台账缺项\t补登"
    text = tmp_path / "其实是文本.docx"
    text.write_text("台账缺项", encoding="utf-8")
    assert read_notice(text).text == "台账缺项"


def zipped(files, compress=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def a_docx():
    import docx

    buffer = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("台账缺项")
    document.save(buffer)
    return buffer.getvalue()


def a_workbook(rows):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(rows):
        sheet.append([number, "白条入账"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><w:document xmlns:w="x">&lol;</w:document>'
BAD = {
    "空.txt": (b"", "the file is empty"),
    "空白.txt": (b" \r\n\t", "the file is empty"),
    "旧.doc": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        r"old \.doc/\.xls or a password-protected file.*save it as",
    ),
    "扫描.pdf": (b"%PDF-1.7\n", r"it is a PDF.*\.docx"),
    "图.docx": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "it is a picture"),
    "截断.docx": (a_docx()[:2000], "cut off or damaged"),
    "内部截断.docx": (
        zipped({"word/document.xml": "<w:document", "[Content_Types].xml": "<Types/>"}),
        "cut off or damaged",
    ),
    "截断.xlsx": (a_workbook(50)[:1500], "cut off or damaged"),
    "坏.xlsx": (zipped({"xl/workbook.xml": "<nonsense/>"}), "the workbook is damaged"),
    "炸弹.docx": (zipped({"word/document.xml": b"0" * (100 << 20), "[Content_Types].xml": "<Types/>"}), "zip bomb"),
    "实体.docx": (zipped({"word/document.xml": ENTITIES, "[Content_Types].xml": "<Types/>"}), "declares entities"),
    "别的.zip": (zipped({"a.txt": "x"}), "it is an archive"),
    "大表.xlsx": (a_workbook(20_001), "more than 20,000 rows"),
    "大表.csv": (b"a,b\n" * 20_001, "more than 20,000 rows"),
    "乱.txt": (bytes(range(256)) * 20, "not text in UTF-8|not a text file"),
    "二进制.docx": (b"\x00\x01\x02" * 400, "not a .docx file"),
    "坏.jsonl": (b'{"text": "a"}\n{"text": ', "line 2 is not valid JSON"),
    "缺.jsonl": (b'{"texts": "a"}', "line 1 needs an object"),
    "无字.docx": (zipped({}) or b"", "archive"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_the_way_out(tmp_path, name):
    content, message = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableNoticeError, match=message) as caught:
        read_notice(path)
    assert name in str(caught.value)


def test_an_encrypted_zip_is_refused(tmp_path):
    content = bytearray(a_docx())
    # Set the encryption bit in the first local header and in its central directory entry.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "加密.docx"
    path.write_bytes(content)
    with pytest.raises(UnreadableNoticeError, match="encrypted"):
        read_notice(path)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "巨大.txt"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    with pytest.raises(UnreadableNoticeError, match="210 MB, more than 52 MB"):
        read_notice(path)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(UnreadableNoticeError, match="there is no such file"):
        read_notice(tmp_path / "无.docx")
    with pytest.raises(UnreadableNoticeError, match="it is a folder"):
        read_notice(tmp_path)


@pytest.mark.parametrize("arguments", [{}, {"text": "a", "data": b"b"}, {"text": 3}, {"data": "字"}])
def test_wrong_arguments_are_type_errors(arguments):
    with pytest.raises(TypeError):
        read_notice(**arguments)


def test_public_reader_is_the_one_exported():
    assert xuntag.read_notice is read_notice
