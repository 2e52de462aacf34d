"""Folders that come and go: nothing stays behind, not even after a failure."""

import pytest

from bank360.storage.scratch import remove_folder, scratch_folder


def test_a_scratch_folder_is_gone_with_all_in_it_even_after_a_failure():
    kept = []

    def fails():
        with scratch_folder() as folder:
            kept.append(folder)
            (folder / "file").write_text("x", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert [folder.exists() for folder in kept] == [False]


def test_removing_a_folder_that_is_not_there_is_no_fault(tmp_path):
    (tmp_path / "gone" / "deep").mkdir(parents=True)
    remove_folder(tmp_path / "gone")
    remove_folder(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
