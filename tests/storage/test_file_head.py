from bank360.storage.file_head import file_heads, parquet_names


def test_the_heads_of_delimited_files_in_name_order(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.csv", "sub/a.TXT", "c.parquet", ".d.csv", ".hidden/e.csv"):
        (tmp_path / name).write_bytes(b"0123456789")
    assert file_heads(tmp_path, 4) == {"b.csv": b"0123", "sub/a.TXT": b"0123"}
    assert list(file_heads(tmp_path, 4, most_files=1)) == ["b.csv"]


def test_the_parquet_files_in_name_order(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.csv", "sub/a.PQ", "c.parquet", ".d.parquet"):
        (tmp_path / name).write_bytes(b"0123456789")
    assert parquet_names(tmp_path) == ("c.parquet", "sub/a.PQ")
