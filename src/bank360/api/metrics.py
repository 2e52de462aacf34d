"""What Prometheus reads: requests by route and status, how long they took, and how many are in work.

Labels are route templates and status codes, so that their number is bounded and no label can hold an id.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several workers keep their counts; the library reads this variable
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Counter("bank360_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram("bank360_request_seconds", "Seconds until a request was answered.", ("route",), buckets=BUCKETS)
IN_WORK = Gauge("bank360_requests_in_work", "Requests in work now.", multiprocess_mode="livesum")
SHED = Counter("bank360_requests_shed_total", "Requests told to come again because too many were in work.")
LIMITED = Counter("bank360_requests_limited_total", "Requests over their limit.", ("by",))
FAULTS = Counter("bank360_faults_total", "Mistakes of ours, by class of error.", ("error",))


def exposition() -> bytes:
    """Return all figures of all workers in Prometheus' text form."""
    if os.environ.get(FOLDER):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest()
