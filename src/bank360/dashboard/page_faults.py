"""A page that fails is logged by the error's class and where it came up; its text may hold data and is not said.

Streamlit writes the whole traceback of an uncaught error, message included, whatever a handler of ours does. Neighbour:
`api/logs.py`, which holds the API to the same.
"""

import logging
import traceback
from pathlib import Path

_WRITES_TRACEBACKS = "streamlit.error_util"
_PLACES = 4


def log_without_texts() -> None:
    """Have Streamlit log the class and places of a page's error, and nothing of its text; again changes nothing."""
    logging.getLogger(_WRITES_TRACEBACKS).addFilter(_without_text)


def _without_text(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
        places = "/".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        record.msg, record.args = "page failed: %s at %s", (type(error).__name__, places)
        record.exc_info = record.exc_text = None
    return True
