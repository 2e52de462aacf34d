"""Somebody who looks at pages in this process, without a browser: Streamlit's own `AppTest`, logged in by the form."""

import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from bank360.bank.vocabulary import Role
from bank360.dashboard.serve import SCRIPT
from bank360.pipeline.demo_users import DEMO_USERS, SAMPLE_PASSWORD

NAMES = {role: name for name, role in reversed(DEMO_USERS)}
_ICON = re.compile(r":material/[a-z_0-9]+:")
_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)
_PATIENCE = 60  # seconds for one run of a page


def stranger() -> AppTest:
    """Return the log-in page as somebody sees it who comes first."""
    return AppTest.from_file(str(SCRIPT), default_timeout=_PATIENCE).run()


def visitor(who: Role | str, password: str = SAMPLE_PASSWORD) -> AppTest:
    """Return the pages as a user sees them after typing name and password."""
    page = stranger()
    name, secret = page.text_input
    name.set_value(NAMES[who] if isinstance(who, Role) else who)
    secret.set_value(password)
    return page.button[0].click().run()


def go(page: AppTest, path: str, **said: str) -> AppTest:
    """Open the page of a path, with what the address names besides.

    `AppTest.switch_page` knows pages by their files; ours are functions, known by their address.
    """
    page._page_hash = calc_hash(path)
    page.query_params = dict(said)
    return page.run()


def paths(page: AppTest) -> set[str]:
    """Return the paths of the pages that the menu has, and the one that it starts with."""
    return {str(one["url_pathname"]) for one in page._registered_pages.values()}


def press(page: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    return next(button for button in page.button if button.label == label).click().run()


def texts(page: AppTest) -> list[str]:
    """Return everything that can be read on a page: words, labels, helps, options, and the cells of tables.

    Nobody reads a script: the ticket in one is drawn at random, and spells any short word once in a while.
    """
    read = (text for block in (page.main, page.sidebar) for element in block for text in _read(element))
    return [_ICON.sub("", _SCRIPT.sub("", text)) for text in read]


def _read(element: Any) -> Iterator[str]:
    if hasattr(element, "children"):
        return
    # Of what is chosen from options the value is the choice itself; its words are among the options.
    shown = (
        ("label", "help", "placeholder") if hasattr(element, "options") else ("label", "help", "value", "placeholder")
    )
    for name in shown:
        said = getattr(element, name, None)
        if isinstance(said, str):
            yield said
    if element.type == "metric":
        yield str(element.proto.delta_description)  # the note below the number
    if element.type == "dataframe":
        yield from map(str, element.value.columns)
        for _, row in element.value.iterrows():
            yield from (str(cell) for cell in row)
    yield from (str(option) for option in getattr(element, "options", ()))
