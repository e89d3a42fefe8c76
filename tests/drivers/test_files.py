"""Files that are written whole or not at all."""

from __future__ import annotations

import threading

import pytest

from rateloom.drivers.support.files import whole, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_folder_appear_when_it_is_complete(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    with whole(path) as partial:
        partial.write_text("half")
        assert not path.exists()
        assert partial.suffix == ".txt"
    assert path.read_text() == "half"
    assert names(path.parent) == ["a.txt"]


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole(path) as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_text_is_utf8_with_the_same_line_ends_everywhere(tmp_path):
    write_whole(tmp_path / "a.txt", "η\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "η\nb\n".encode()


def test_threads_do_not_get_into_each_others_way(tmp_path):
    path, texts = tmp_path / "a.txt", [str(k) * 100_000 for k in range(8)]
    threads = [threading.Thread(target=write_whole, args=(path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert names(tmp_path) == ["a.txt"]
