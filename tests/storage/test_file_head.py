import pyarrow as pa
import pyarrow.parquet as pq

from bank360.storage.file_head import file_heads


def test_every_visible_file_is_answered_for_in_name_order(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "landing").mkdir()
    for name in ("b.csv", "sub/a.TXT", "c.bin", ".d.csv", ".hidden/e.csv", "landing/f.csv", "bank360.yaml", "READ.md"):
        (tmp_path / name).write_bytes(b"0123456789")
    heads = file_heads(tmp_path, 4)
    assert [(one.name, one.text, one.whole, one.fault is None) for one in heads] == [
        ("b.csv", b"0123", False, True),
        ("c.bin", b"", True, False),
        ("sub/a.TXT", b"0123", False, True),
    ]
    assert [one.fault is None for one in file_heads(tmp_path, 4, most_files=1)] == [True, False, False]


def test_the_first_rows_of_a_parquet_file_are_texts(tmp_path):
    table = pa.table({"n": [1.0, None, 2.5], "b": [True, False, None], "t": ["x", "", None]})
    pq.write_table(table, tmp_path / "a.PQ")
    (head,) = file_heads(tmp_path, 4)
    assert (head.header, head.whole) == (("n", "b", "t"), True)
    assert head.rows == (("1", "true", "x"), ("", "false", ""), ("2.5", "", ""))


def test_a_parquet_file_of_lists_is_told(tmp_path):
    pq.write_table(pa.table({"n": [[1], [2]]}), tmp_path / "a.parquet")
    (head,) = file_heads(tmp_path, 4)
    assert head.fault is not None
    assert "column 'n' holds lists" in head.fault
