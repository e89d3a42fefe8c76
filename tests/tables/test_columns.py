"""Tables of named columns: what pandas writes is read back, whatever it writes, and nothing is left out."""

import numpy as np
import pandas as pd
import pytest

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.columns import read_columns

FRAME = pd.DataFrame({"G": [0.1, 1 / 3, -2e-9], "P[3]": [1, 2, 3], "index": [7.0, 8.0, 9.0]})
WRITERS = {
    "a.csv": lambda path: FRAME.to_csv(path, index=False),
    "b.csv": lambda path: FRAME.to_csv(path),
    "c.tsv": lambda path: FRAME.to_csv(path, sep="\t", index=False),
    "d.txt": lambda path: FRAME.to_csv(path, sep=" ", index=False),
    "e.parquet": lambda path: FRAME.to_parquet(path),
    "f.parquet": lambda path: FRAME[FRAME.G < 9].set_index(np.array([4, 2, 0])).to_parquet(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_columns_by_name(name, tmp_path):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    WRITERS[name](path)
    found = read_columns(str(path))
    # a column called index is a column: nothing that has a name is left out
    assert list(found) == list(FRAME)
    for column, values in found.items():
        np.testing.assert_array_equal(values, FRAME[column])


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"G": [0.1, None]}), "G of row 1 is nan, no finite number"),
        (pd.DataFrame({"G": [0.1, 0.2], "name": ["a", "b"]}), "name holds .* and no numbers"),
        (pd.DataFrame({"G": [0.1, 0.2], "speed": [2, 4]}).set_index("G"), "G is an index and no column"),
    ],
)
def test_a_frame_that_is_more_than_numbers_is_refused(frame, says, tmp_path):
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=says) as caught:
        read_columns(str(tmp_path / "a.parquet"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\x93NUMPY\x01\x00v\x00{", b"G\n\xff\n", b"G\n1_000\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_other_files_are_refused_in_one_line(content, name, tmp_path):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_columns(str(tmp_path / name))
    assert "\n" not in str(caught.value)
