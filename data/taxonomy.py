"""The problem categories: loaded from a data file and validated, so that no code names a category but ``other``."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from ..errors import DataError

OTHER = "other"

# A comma or bar would break the marks of the corpus, a blank the columns of a table.
_ID = re.compile(r"[^\s,|\[\]]+")


@dataclass(frozen=True, slots=True)
class Category:
    """One problem category.

    ``name`` is what officers read, ``group`` the focus it is reported under; ``includes``, ``excludes`` and
    ``examples`` are for the people who label.
    """

    id: str
    name: str
    english: str = ""
    group: str = ""
    definition: str = ""
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """An ordered set of categories, the names of their groups and the rules for labelling."""

    name: str
    categories: tuple[Category, ...]
    groups: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Category ids in the order of the file."""
        return tuple(category.id for category in self.categories)

    @property
    def by_id(self) -> dict[str, Category]:
        """Each category under its id."""
        return {category.id: category for category in self.categories}

    def name_of(self, label: str) -> str:
        """Return the name that officers read, or the id itself where the taxonomy does not know it."""
        category = self.by_id.get(label)
        return category.name if category else label

    def group_of(self, label: str) -> str:
        """Return the name of the group of a category, or the empty string."""
        category = self.by_id.get(label)
        return dict(self.groups).get(category.group, category.group) if category else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the taxonomy as plain data, as the file holds it."""
        return {
            "name": self.name,
            "groups": dict(self.groups),
            "categories": [
                {
                    "id": c.id,
                    "name": c.name,
                    "english": c.english,
                    "group": c.group,
                    "definition": c.definition,
                    "includes": list(c.includes),
                    "excludes": list(c.excludes),
                    "examples": list(c.examples),
                }
                for c in self.categories
            ],
            "rules": list(self.rules),
        }

    def hash(self) -> str:
        """Return the SHA-256 of what decides a label: ids, names, groups and definitions."""
        return hashlib.sha256(json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def from_labels(labels: list[str]) -> Taxonomy:
    """Return the taxonomy of a data file that came without one: its labels, in sorted order."""
    return Taxonomy("labels", tuple(Category(label, label) for label in sorted(set(labels))))


@functools.cache
def health() -> Taxonomy:
    """Return the bundled health-system taxonomy."""
    source = resources.files(__package__) / "taxonomies" / "health.yaml"
    return parse_taxonomy(source.read_text(encoding="utf-8"), "health.yaml")


def load_taxonomy(path: str | Path) -> Taxonomy:
    """Read a taxonomy file (YAML or JSON).

    Raises
    ------
    DataError
        If the file cannot be read, or an entry is missing, repeated or of the wrong type; the message names it.

    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"Cannot read taxonomy {path}: {exc}. It must be a UTF-8 YAML file.") from exc
    return parse_taxonomy(text, path.name)


def parse_taxonomy(text: str, source: str) -> Taxonomy:
    """Validate the text of a taxonomy file; ``source`` names it in errors."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise DataError(f"{source}: not valid YAML: {exc}") from exc
    return taxonomy_from_dict(data, source)


def taxonomy_from_dict(data: Any, source: str) -> Taxonomy:
    """Validate a taxonomy given as plain data; ``source`` names it in errors."""
    if not isinstance(data, dict) or not isinstance(data.get("categories"), list) or not data["categories"]:
        raise DataError(f"{source}: needs a list 'categories' with at least one entry (id, name, …).")
    groups = data.get("groups") or {}
    if not isinstance(groups, dict):
        raise DataError(f"{source}: 'groups' must map each group id to its name.")
    categories = [_category(entry, number, source) for number, entry in enumerate(data["categories"], 1)]
    seen: dict[str, str] = {}
    for category in categories:
        for field, value in (("id", category.id), ("name", category.name)):
            if f"{field} {value}" in seen:
                raise DataError(f"{source}: {field} {value!r} is used by two categories; each needs its own.")
            seen[f"{field} {value}"] = category.id
        if groups and category.group not in groups:
            raise DataError(
                f"{source}: category {category.id!r} has group {category.group!r}; known are {', '.join(groups)}."
            )
    return Taxonomy(
        str(data.get("name", source)),
        tuple(categories),
        tuple((str(k), str(v)) for k, v in groups.items()),
        tuple(str(rule) for rule in data.get("rules") or ()),
    )


def _category(entry: object, number: int, source: str) -> Category:
    if not isinstance(entry, dict):
        raise DataError(f"{source}: category {number} must be a mapping with at least id and name.")
    for key in ("id", "name"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise DataError(f"{source}: category {number} needs a text {key!r}; got {entry.get(key)!r}.")
    if not _ID.fullmatch(entry["id"]):
        raise DataError(f"{source}: id {entry['id']!r} may hold no blank, comma, bar or square bracket.")
    known = set(Category.__dataclass_fields__)
    for key in entry:
        if key not in known:
            raise DataError(
                f"{source}: category {entry['id']!r} has an unknown key {key!r}; known are {', '.join(sorted(known))}."
            )
    lists = {key: tuple(str(x) for x in entry.get(key) or ()) for key in ("includes", "excludes", "examples")}
    return Category(
        entry["id"],
        entry["name"].strip(),
        str(entry.get("english", "")),
        str(entry.get("group", "")),
        str(entry.get("definition", "")).strip(),
        **lists,
    )
