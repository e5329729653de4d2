"""Build real Word files with numbering definitions of their own."""

import io

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

LEVELS = (
    ("chineseCounting", "%1、"),
    ("chineseCounting", "（%2）"),
    ("decimal", "%3."),
    ("decimal", "（%4）"),
    ("decimalEnclosedCircleChinese", "%5"),
)


def abstract(ident, levels=LEVELS, start=1, styles=()):
    body = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>'
        + (f'<w:pStyle w:val="{styles[i]}"/>' if i < len(styles) else "")
        + f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (kind, text) in enumerate(levels)
    )
    return parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{ident}"><w:multiLevelType w:val="multilevel"/>{body}</w:abstractNum>'
    )


def number(ident, of, restart=None):
    override = (
        f'<w:lvlOverride w:ilvl="{restart}"><w:startOverride w:val="1"/></w:lvlOverride>' if restart is not None else ""
    )
    return parse_xml(f'<w:num {nsdecls("w")} w:numId="{ident}"><w:abstractNumId w:val="{of}"/>{override}</w:num>')


class Writer:
    """A document in which ``add(text, num=(numId, level))`` writes a paragraph that Word would number."""

    def __init__(self, abstracts, numbers):
        self.document = docx.Document()
        root = self.document.part.numbering_part.element
        for child in list(root):
            root.remove(child)
        for element in (*abstracts, *numbers):
            root.append(element)

    def add(self, text, num=None, style=None):
        paragraph = self.document.add_paragraph(text, style=style)
        if num is not None:
            properties = paragraph._p.get_or_add_pPr()
            properties.append(
                parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>')
            )
        return paragraph

    def bytes(self):
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()


__all__ = ["LEVELS", "Writer", "abstract", "number", "qn"]
