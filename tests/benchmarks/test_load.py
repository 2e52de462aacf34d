"""The load of R-9: what it reports of what became of requests."""

from benchmarks.serving.load import Answered, percentile, recovered, requests_of, said


def answered(due, status=201, ms=5.0):
    return Answered(due, status, ms, b"")


def test_it_has_recovered_when_the_last_slow_or_refused_request_was_due():
    after = [answered(10.0, ms=400.0), answered(10.5, 503), answered(11.25, ms=101.0), answered(12.0), answered(13.0)]
    assert recovered(after, 10.0) == 1.25
    assert recovered([answered(10.0), answered(11.0)], 10.0) == 0.0


def test_a_percentile_is_a_value_that_was_there():
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.99)) == (51.0, 100.0, 0.0)


def test_a_line_counts_by_status_and_times_apart():
    line = said("steady", [answered(0, ms=1.0), answered(1, ms=3.0), answered(2, 503, 2.0)])
    assert line.startswith("steady    2 x 201, 1 x 503; decided in median 3.0 ms, p99 3.0 ms; sent away in p99 2.0 ms")


def test_each_request_has_a_key_of_its_own_and_says_how_long_it_is():
    made = requests_of(["C1", "C2"], "LOAN", "t", 3)
    heads = [one.split(b"\r\n\r\n") for one in made]
    assert len({head for head, _ in heads}) == 3
    assert all(f"Content-Length: {len(body)}".encode() in head for head, body in heads)
    assert [b'"C1"' in body for _, body in heads] == [True, False, True]
