"""What a MAC covers: the record's place, and where each column ends. A fork and a shifted boundary are found."""

from bank360.storage.chain import START, Entry, Link, sealing
from bank360.storage.decision_verify import ChainCheck

KEY = b"a key of the tests, no shorter than a real one"


def row(before, entry):
    columns = (entry.decision_id, entry.principal, entry.subject, entry.kind, entry.at_us, entry.record)
    return (before.sequence + 1, *columns, before.mac, sealing(KEY)(before, entry))


def entry(kind="loan", record=b"{}"):
    return Entry.of("D", "P", "S", kind, 1, record)


def faults(rows):
    return list(ChainCheck(KEY).faults(rows))


def test_a_record_of_a_fork_does_not_fit_with_its_neighbours_mac_written_over():
    """Sealed with this very key, at this very sequence, after another first record: a backup that went on alone."""
    ours, theirs = row(START, entry()), row(START, entry(record=b"[]"))
    forked = row(Link(1, theirs[8]), entry())
    assert faults([theirs, forked]) == []
    assert [fault.sequence for fault in faults([ours, (*forked[:7], ours[8], forked[8])])] == [2]


def test_bytes_do_not_move_from_one_column_to_the_next():
    sealed = row(START, entry("loan", b"{}"))
    moved = (*sealed[:4], b"loan{", sealed[5], b"}", *sealed[7:])
    assert [fault.sequence for fault in faults([moved])] == [1]
