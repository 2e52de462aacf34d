"""A page's uncaught error is logged as class and places, by Streamlit's own way of logging it, and its text is not."""

import io
import logging

from streamlit.error_util import handle_uncaught_app_exception

from bank360.dashboard.page_faults import log_without_texts
from bank360.dashboard.theme import set_options


def test_the_text_of_an_error_on_a_page_is_not_logged():
    said, logger = io.StringIO(), logging.getLogger("streamlit.error_util")
    handler = logging.StreamHandler(said)
    logger.addHandler(handler)
    try:
        set_options()
        log_without_texts()
        log_without_texts()
        raise ValueError("canary-of-a-customer")
    except ValueError as error:
        handle_uncaught_app_exception(error)
    finally:
        logger.removeHandler(handler)
    assert "page failed: ValueError at test_page_faults.py:" in said.getvalue()
    assert "canary-of-a-customer" not in said.getvalue()
