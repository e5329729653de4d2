import pytest
from xuntag import DataError
from xuntag.data.rows import read_rows


def write(tmp_path, *lines):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_rows_without_labels_and_with_many_are_read(tmp_path):
    path = write(
        tmp_path,
        '{"text": "a", "labels": []}',
        "",
        '{"text": "b", "labels": ["1","2","3","4"], "group": "g", "split": "dev"}',
    )
    rows = read_rows(path)
    assert [row.labels for row in rows] == [(), ("1", "2", "3", "4")]
    assert (rows[1].group, rows[1].split) == ("g", "dev")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", "labels": ["finanse"]}', r"rows\.jsonl line 2: label 'finanse' .*closest is 'finance'"),
        ('{"text": "a", "label": ["finance"]}', "line 2: unknown column 'label'; closest is 'labels'"),
        ('{"text": 3, "labels": []}', "line 2: 'text' must be a string, got 3"),
        ('{"text": "a"}', "line 2: 'labels' must be a list"),
        ('{"text": "a", "labels": "finance"}', "line 2: 'labels' must be a list"),
        ('{"text": "a", "labels": ["asset", "asset"]}', "line 2: 'labels' names a label twice"),
        ('{"text": "a", "labels": [], "split": "valid"}', "line 2: split 'valid' is not train, dev or test"),
        ('{"text": "a", "labels": []', "line 2: not valid JSON"),
        ("[1]", "line 2: expected an object"),
    ],
)
def test_a_bad_line_is_named_with_the_value_and_the_closest_known(tmp_path, line, message):
    path = write(tmp_path, '{"text": "a", "labels": ["finance"]}', line)
    with pytest.raises(DataError, match=message):
        read_rows(path, ["finance", "asset"])


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no rows"):
        read_rows(write(tmp_path, ""))
