"""How Streamlit runs and looks here: options, set once before the first page is served, and a style sheet of few lines.

The sheet holds only what has no option: the width of the page's edges, that words of a card wrap instead of ending in
dots where a window is narrow, and that charts have no button to save or copy either.

Nothing is fetched from the internet, nothing is told to Streamlit's makers, an error shows no code, and tables cannot
be saved from the browser: exports are a right of their own (`policies/access_table.py`).
"""

from typing import Any, Final

from bank360.dashboard import palette

OPTIONS: Final[dict[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "logger.enableRich": False,  # or it would print the traceback, text included, past every log handler
    "logger.hideWelcomeMessage": True,
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,  # megabyte; no page takes a file
    "server.showEmailPrompt": False,
    "theme.base": "light",
    "theme.primaryColor": palette.BLUE,
    "theme.backgroundColor": palette.SURFACE,
    "theme.secondaryBackgroundColor": palette.PANEL,
    "theme.textColor": palette.INK,
    "theme.borderColor": palette.LINE,
    "theme.linkColor": palette.BLUE,
    "theme.blueColor": palette.BLUE,
    "theme.greenColor": palette.GREEN,
    "theme.orangeColor": palette.ORANGE,
    "theme.redColor": palette.VERMILLION,
    "theme.violetColor": palette.PURPLE,
    "theme.yellowColor": palette.YELLOW,
    "theme.grayColor": palette.QUIET,
    **{f"theme.{hue}TextColor": colour for hue, colour in palette.ON_PALE.items()},
    **{f"theme.{hue}BackgroundColor": colour for hue, colour in palette.PALE.items()},
    "theme.baseFontSize": 14,
    "theme.baseRadius": "8px",
    "theme.headingFontSizes": ["1.6rem", "1.25rem", "1.05rem", "1rem", "0.9rem", "0.85rem"],
    "theme.headingFontWeights": [650, 650, 600, 600, 600, 600],
    "theme.metricValueFontSize": "1.6rem",
    "theme.metricValueFontWeight": 600,
    "theme.paddingTop": "1rem",
    "theme.paddingBottom": "2rem",
    "theme.showSidebarBorder": False,
    "theme.dataframeBorderColor": palette.LINE,
    "theme.dataframeHeaderBackgroundColor": palette.PANEL,
    "theme.chartCategoricalColors": list(palette.SERIES),
    "theme.chartSequentialColors": list(palette.RAMP),
    "theme.sidebar.backgroundColor": palette.NAVY,
    "theme.sidebar.secondaryBackgroundColor": palette.NAVY_RAISED,
    "theme.sidebar.textColor": palette.ON_NAVY,
    "theme.sidebar.borderColor": palette.NAVY_RAISED,
    "theme.sidebar.primaryColor": palette.SKY,
    "theme.sidebar.linkColor": palette.SKY,
}

STYLE: Final = """<style>
[data-testid="stMainBlockContainer"] { padding: 1.5rem 2rem 2rem; }
[data-testid="stHeader"] { height: 1.5rem; background: transparent; }
[data-testid="stMetric"] .stMarkdownEllipsis, [data-testid="stMetric"] .stMarkdownEllipsis p {
  white-space: normal !important; overflow: visible !important; line-height: 1.25;
}
[data-testid="stPageLink-NavLink"] { padding-left: 0; padding-right: 0; min-height: 0; }
button[aria-label^="Download as PNG"], button[aria-label^="Copy Vega-Lite spec"] { display: none; }
</style>"""


def set_options() -> None:
    """Set every option, over whatever a file or variable of Streamlit's says."""
    from streamlit import config

    config.get_config_options()  # reads those files first, so that they do not come after
    for name, value in OPTIONS.items():
        config.set_option(name, value, "bank360")
