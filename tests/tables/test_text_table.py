"""Text tables as people write them: headers, columns of names, holes, and what is refused."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.text_table import read_text_table

NAN = float("nan")


def read(text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return read_text_table(io.BytesIO(data), "t.csv", **options)


@pytest.mark.parametrize(
    ("text", "values", "rows", "columns"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]], None, None),
        ("a,b\n1,2\n3,4\n", [[1, 2], [3, 4]], None, ("a", "b")),
        (",a,b\na,1,2\nb,3,4\n", [[1, 2], [3, 4]], ("a", "b"), ("a", "b")),
        ("a,1,2\nb,3,4\n", [[1, 2], [3, 4]], ("a", "b"), None),
        (",0,1\n0,1.0,2.0\n1,3.0,4.0\n", [[1, 2], [3, 4]], None, None),
        ("0,1,2,3\n0.5,1,2,4\n", [[0.5, 1, 2, 4]], None, None),
        ("0,1,2,3\n5,1,2,4\n", [[0, 1, 2, 3], [5, 1, 2, 4]], None, None),
        ("id,a,b\n1,1,2\n2,3,4\n", [[1, 2], [3, 4]], None, ("a", "b")),
        ("\ta b\tc d\na b\t1\t2\nc d\t3\t4\n", [[1, 2], [3, 4]], ("a b", "c d"), ("a b", "c d")),
        ('"a b" c\n1 2\n3 4\n', [[1, 2], [3, 4]], None, ("a b", "c")),
        ('"a" "b"\n"a" 1 2\n"b" 3 4\n', [[1, 2], [3, 4]], ("a", "b"), ("a", "b")),  # R's write.table
        ("left hip 1 2\nright hip of it 3 4\n", [[1, 2], [3, 4]], ("left hip", "right hip of it"), None),
        ("'Precentral, left',1\n'Precentral, right',2\n", [[1], [2]], None, None),
        ("label,hemi,value\na,lh,1\nb,rh,2\n", [[1], [2]], ("a", "b"), ("value",)),
        ("index,label,value\n0,a,1\n1,b,2\n", [[1], [2]], ("a", "b"), ("value",)),
        ("value,label\n1,a\n2,b\n", [[1], [2]], ("a", "b"), ("value",)),
        ("label,value\n17,1\n19,2\n", [[1], [2]], ("17", "19"), ("value",)),
        ("1,2,\n3,4,\n", [[1, 2], [3, 4]], None, None),
        (",0.5\n0.5,\n", [[NAN, 0.5], [0.5, NAN]], None, None),
        ("a,b\n1,NA\nn/a,nan\n", [[1, NAN], [NAN, NAN]], None, ("a", "b")),
        ("1\t 2  3\n4 5 6\n", [[1, 2, 3], [4, 5, 6]], None, None),
        ("% MATLAB\n# or Python\n1e3 -inf # more\n", [[1000, -np.inf]], None, None),
        ("\ufeffa\r\n1\r\n2\r\n", [[1], [2]], None, ("a",)),
    ],
)
def test_forms(text, values, rows, columns):
    table = read(text)
    np.testing.assert_array_equal(table.values, values)
    if "Precentral" in text:
        assert table.rows == ("Precentral, left", "Precentral, right")
        return
    assert (table.rows, table.columns) == (rows, columns)


def test_a_column_is_chosen_by_its_header():
    text = "label,hemi,thickness,myelin\na,lh,1,5\nb,rh,2,6\n"
    table = read(text, column="myelin")
    assert (table.values.tolist(), table.rows, table.columns) == ([[5], [6]], ("a", "b"), ("myelin",))
    with pytest.raises(InputError, match=r"t\.csv: it has no column area; there are label, hemi, thickness"):
        read(text, column="area")
    with pytest.raises(InputError, match="it has no header that names its columns; leave :area out"):
        read("1,2\n3,4\n", column="area")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: the file holds no numbers"),
        ("# nothing\n\n%\n", "t.csv: the file holds no numbers"),
        ("a,b\n", "t.csv:1: 'a' is not a number; a header has a name a column and no numbers"),
        ("1,2\n3\n", "t.csv:2: 1 numbers, but the lines before have 2"),
        ("a,b\n1,2\n3\n", "t.csv:3: 1 cells, but the header has 2"),
        ("1,2\n3,x4\n", "t.csv:2: 'x4' is not a number"),
        ("1,2x,3\n4,5,6\n", "t.csv:1: '2x' is not a number"),
        ("a,b\n1,2\n3,x4\n", "t.csv:3: 'x4' is not a number; a column is chosen with FILE:COLUMN"),
        ("1,5;2,5\n3;4\n", "t.csv:1: '1,5' is not a number; write decimal points"),
        ("1x,2x\n3,4\n", "t.csv:1: '1x' is not a number"),
        ("1_000 2\n3 4\n", "t.csv:1: '1_000' is not a number"),
        ("Weights of subject 1\n1 2 3 4\n", "t.csv:1: 'Weights' is not a number"),
        ("Weight matrix\n1 2 3\n", "t.csv:2: 3 cells, but the header has 2"),
        (b"a,b\n1,2\n\xff,4\n", "t.csv:3: .* is not a number, nor text in UTF-8"),
        (b"PK\x03\x04\x00\n\x00", "is not a number"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)


NAMES = st.lists(
    st.text("abcXYZ -_.()'0123456789é", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda name: name[:1].isalpha() and name.lower() not in ("nan", "inf", "na")),
    min_size=2,
    max_size=6,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(names=NAMES, separator=st.sampled_from([",", "\t", ";"]), holes=st.booleans(), data=st.data())
def test_what_pandas_writes_is_read_back(names, separator, holes, data):
    number = st.floats(allow_nan=holes, allow_infinity=False, width=32)
    values = data.draw(
        st.lists(st.lists(number, min_size=len(names), max_size=len(names)), min_size=2, max_size=5)
    )
    frame = pd.DataFrame(values, columns=names)
    table = read(frame.to_csv(sep=separator))
    np.testing.assert_array_equal(table.values, np.array(values))
    assert (table.rows, table.columns) == (None, tuple(names))
    square = pd.DataFrame(np.resize(frame.to_numpy(), (len(names), len(names))), names, names)
    table = read(square.to_csv(sep=separator))
    np.testing.assert_array_equal(table.values, square.to_numpy())
    assert table.rows == table.columns == tuple(names)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text("1.5,;\t ab'\"\n#-e", max_size=60).map(str.encode))
def test_any_bytes_are_numbers_or_one_line(data):
    try:
        table = read(data)
    except InputError as problem:
        assert "\n" not in str(problem) and str(problem).startswith("t.csv")
    else:
        assert table.values.ndim == 2 and table.values.dtype == np.float64
