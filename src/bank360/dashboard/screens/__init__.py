"""Every page, in the order of the menu. What is not here is not served and not tested.

The folder is not called ``pages``: Streamlit takes a folder of that name beside its script for pages of its own making.
"""

from bank360.dashboard.screens import customers, loan_desk, models, portfolio, queue
from bank360.dashboard.screens.screen import Page

PAGES: tuple[Page, ...] = (portfolio.PAGE, customers.PAGE, queue.PAGE, loan_desk.PAGE, models.PAGE)
