"""XML is read with its lines, and what is hostile or broken is refused in one line."""

import pytest

from rateloom.dsl import limits, tree
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.tree import read_tree


def refused(content, code, line=None):
    """Assert that reading fails with one error of this code, and return its message."""
    with pytest.raises(ModelError) as caught:
        read_tree("m.xml", content)
    (error,) = caught.value.diagnostics
    assert error.code == code
    assert line is None or error.where.line == line
    assert "\n" not in str(error)
    return error.message


def test_lines_attributes_text_and_children():
    text = (
        "<!-- <X> \n-->\n<A\n x='1'><B/>\n<![CDATA[<Y/>\n]]><?pi <Z>?><C y='a\n > b'> some\n text </C>\n</A>"
    )
    root = read_tree("m.xml", text)
    assert (root.tag, root.attributes, str(root.where)) == ("A", {"x": "1"}, "m.xml:3")
    assert [(child.tag, child.where.line) for child in root.children] == [("B", 4), ("C", 6)]
    assert root.children[1].attributes == {"y": "a  > b"}
    assert root.children[1].text == "some text"
    assert root.text == "<Y/>"


def test_text_around_children_is_kept():
    assert read_tree("m.xml", "<A>one<B/>two</A>").text == "onetwo"


def test_where_the_schema_lies_is_no_attribute():
    text = (
        '<Model xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:noNamespaceSchemaLocation="rateloom.xsd" name="m"/>'
    )
    assert read_tree("m.xml", text).attributes == {"name": "m"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding, tmp_path):
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    file = tmp_path / "m.xml"
    file.write_bytes(f'<?xml version="1.0" encoding="{declared}"?><A unit="µm"/>'.encode(encoding))
    assert read_tree(file).attributes == {"unit": "µm"}


def test_text_given_as_characters_ignores_the_declared_encoding():
    text = '<?xml version="1.0" encoding="latin-1"?><A unit="µm"/>'
    assert read_tree("m.xml", text).attributes == {"unit": "µm"}


def test_no_such_file(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere\.xml: error\[E001\]: no such file"):
        read_tree(tmp_path / "nowhere.xml")


def test_a_folder(tmp_path):
    with pytest.raises(ModelError, match=r"error\[E001\]: this is a folder"):
        read_tree(tmp_path)


def test_a_path_that_cannot_be():
    with pytest.raises(ModelError, match=r"E001"):
        read_tree("a\0b.xml")
    with pytest.raises(ModelError, match=r"E001"):
        read_tree("x" * 5000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n ",
        b"\x00\x01\x02",
        b"\x7fELF\x02\x01\x01\x00",
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n\x00",
        b'<?xml version="1.0" encoding="no-such"?><A/>',
        b'<?xml version="1.0" encoding="rot13"?><A/>',
        b'<A unit="\xb5m"/>',
    ],
)
def test_what_is_no_text(content):
    refused(content, "E001")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("not xml", 1),
        ("<A>\n<B>\n</A>", 3),
        ("<A>\n<B x=1/></A>", 2),
        ('<A x="1"\n x="2"/>', None),
        ("<A>&undefined;</A>", 1),
        ('<A x="&undefined;"/>', 1),
        ("<A/><B/>", 1),
        ("<A>\x01</A>", 1),
        ("<!-- never closed", None),
        ("<?pi never closed", None),
        ("<a:A/>", None),
    ],
)
def test_not_well_formed(content, line):
    assert "not well-formed" in refused(content, "E002", line)


_LEAK = """<Model name="leak">
  <Parameter name="tau" value="10"/>
  <!-- a comment -->
  <Dynamics>
    <TimeDerivative variable="x" value="-x / tau"/>
  </Dynamics>
  <Description>A leak.</Description>
</Model>
"""
_AMPERSAND = "a bare &; write &amp; in text, and the word 'and' in a condition"
_QUOTES = 'after = comes a value in straight quotation marks, like "10"'


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"),
    [
        ("-x / tau", "x < 2", 5, "a bare < in an attribute; write &lt; or .lt. instead (column 43)"),
        ("-x / tau", "x <2", 5, "a bare < in an attribute; write &lt; or .lt. instead (column 43)"),
        ("-x / tau", "x && 2", 5, f"{_AMPERSAND} (column 44)"),
        ("-x / tau", "x &y 2", 5, _AMPERSAND),
        ("-x / tau", "x &le; 2", 5, "XML knows no &le; but only &lt; &gt; &amp; &quot; and &apos;"),
        ("A leak", "A & leak", 7, _AMPERSAND),
        ("A leak", "A < leak", 7, "a bare <, which begins no tag; write &lt;"),
        ('"10"/>', '"10">', 8, "</Model> does not close the Parameter of line 2; end that one with </Par"),
        ("  </Dynamics>\n", "", 7, "</Model> does not close the Dynamics of line 4"),
        ("  <Dynamics>\n", "", 5, "</Dynamics> does not close the Model of line 1"),
        ("</Model>\n", "", 8, "the Model of line 1 is never closed; end it with </Model>"),
        ('"10"', '"10', 2, "the quotation mark before '10/>' is never closed (column 31)"),
        ('"10"', "10", 2, _QUOTES),
        ('"10"', "\N{LEFT DOUBLE QUOTATION MARK}10\N{RIGHT DOUBLE QUOTATION MARK}", 2, _QUOTES),
        ('="10"', "", 2, 'an attribute has no value; write it like name="tau"'),
        ('"10"', '"10" value="3"', 2, "the attribute value is given twice"),
        ('"tau" value', '"tau"value', 2, "a blank or a quotation mark is missing before this, or the tag"),
        ("</Model>", "</Model><Model/>", 8, "something stands after the end of the model"),
        ("<Model", "hello <Model", 1, "this is no XML; a model file begins with <Model name=...>"),
        ("<Model", '\n<?xml version="1.0"?><Model', 2, "the line <?xml ...?> must be the very first"),
        (" comment", " -- comment", 3, "a comment cannot contain --; write one hyphen"),
        (" -->", "", 9, "a comment is never closed; end it with -->"),
        ("A leak", "A \x01 leak", 7, "a control character, which XML does not allow; remove it"),
        ("<Parameter", "<x:Parameter", 2, "the prefix x: means nothing here; leave it out"),
        ("</Model>", "</Model <", 8, "a tag is not ended; end it with > or />"),
    ],
)
def test_what_is_wrong_is_said_without_the_words_of_the_parser(right, wrong, line, message):
    assert _LEAK.count(right) == 1
    said = refused(_LEAK.replace(right, wrong), "E002", line)
    assert said.startswith("not well-formed XML: ")
    assert message in said


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE A><A/>",
        '<?xml version="1.0"?>\n<!-- c -->\n<!DOCTYPE A SYSTEM "http://localhost:1/a.dtd"><A/>',
        '<!DOCTYPE A [<!ENTITY e SYSTEM "file:///etc/passwd">]><A>&e;</A>',
        '<!DOCTYPE A [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><A x="&b;"/>',
        "<!DOCTYPE A",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype(content, encoding):
    refused(content.encode(encoding), "E003")


def test_the_parser_never_sees_entity_bombs(monkeypatch):
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 30))
    bomb = f'<!DOCTYPE A [<!ENTITY l0 "lol">{levels}]><A x="&l29;">&l29;</A>'
    monkeypatch.setattr(tree.etree, "fromstring", pytest.fail)
    refused(bomb, "E003")


def test_a_doctype_in_a_comment_is_none():
    assert read_tree("m.xml", "<!-- <!DOCTYPE A> --><A/>").tag == "A"


def test_too_large(tmp_path):
    refused(b"<A>" + b" " * limits.FILE_BYTES + b"</A>", "E004")
    file = tmp_path / "m.xml"
    file.write_bytes(b"<A>" + b" " * limits.FILE_BYTES + b"</A>")
    with pytest.raises(ModelError, match="E004"):
        read_tree(file)


def test_too_many_elements():
    assert "more than" in refused("<A>" + "<B/>" * limits.ELEMENTS + "</A>", "E004")


def test_too_many_attributes():
    attributes = " ".join(f'a{i}="1"' for i in range(limits.ATTRIBUTES + 1))
    assert "attributes" in refused(f"<A>\n<B {attributes}/></A>", "E004", line=2)


@pytest.mark.parametrize("depth", [limits.ELEMENT_DEPTH + 1, 200, 300, 50_000])
def test_too_deep(depth):
    content = "<A>" * depth + "</A>" * depth
    with pytest.raises(ModelError, match=r"E004|E002"):
        read_tree("m.xml", content)


def test_an_endless_file_is_not_read():
    with pytest.raises(ModelError, match=r"E001.*no regular file but a pipe, a device or the like"):
        read_tree("/dev/zero")
