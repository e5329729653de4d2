import re

import pytest
from xuntag import DataError
from xuntag.data.taxonomy import health, load_taxonomy

GOOD = "name: t\ngroups: {g: 组}\ncategories:\n- {id: a, name: 甲, group: g}\n- {id: b, name: 乙, group: g}\n"


def test_bundled_taxonomy_has_25_categories_with_other_last():
    taxonomy = health()
    assert len(taxonomy.ids) == 25
    assert taxonomy.ids[-1] == "other"
    assert taxonomy.ids[0] == "theory_study"
    assert all(category.definition and category.examples and category.english for category in taxonomy.categories)


def test_bundled_taxonomy_agrees_with_the_codebook(shared):
    rows = re.findall(
        r"^\| \d+ \| `(\w+)` \| (\S+) \| ([^|]+?) \| (\S+) \|$",
        (shared / "codebook.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    ours = [(c.id, c.name, c.english, c.group) for c in health().categories]
    assert [row[:3] for row in rows] == [row[:3] for row in ours]
    assert [row[3] for row in rows[:-1]] == [row[3] for row in ours[:-1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("categories: []", "needs a list 'categories'"),
        (GOOD.replace("name: 乙, ", ""), "category 2 needs a text 'name'"),
        (GOOD.replace("id: b", "id: a"), "id 'a' is used by two"),
        (GOOD.replace("乙", "甲"), "name '甲' is used by two"),
        (GOOD.replace("id: b", "id: b|c"), "id 'b.c' may hold no"),
        (GOOD.replace("name: 乙, group: g", "name: 乙, group: h"), "group 'h'; known are g"),
        (GOOD.replace("name: 乙", "nam: 乙, name: 丙"), "unknown key 'nam'"),
        ("categories: [a", "not valid YAML"),
    ],
)
def test_a_bad_taxonomy_is_refused_with_the_entry_named(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_taxonomy(path)


def test_hash_changes_with_a_definition_and_not_with_layout(tmp_path):
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    one.write_text(GOOD, encoding="utf-8")
    two.write_text(GOOD.replace("{id: a, name: 甲, group: g}", "\n  id: a\n  name: 甲\n  group: g"), encoding="utf-8")
    assert load_taxonomy(one).hash() == load_taxonomy(two).hash()
    two.write_text(GOOD.replace("甲", "丙"), encoding="utf-8")
    assert load_taxonomy(one).hash() != load_taxonomy(two).hash()
