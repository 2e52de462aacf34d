"""The colours of every chart, badge and surface: one palette that people with any colour vision can tell apart.

Hues are those of Okabe and Ito (*Color Universal Design*, 2008); a colour never stands alone, a word or number says the
same beside it. Neighbours: `theme.py` hands them to Streamlit, the chart modules to Altair.
"""

from typing import Final

# Okabe and Ito.
BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
ORANGE: Final = "#E69F00"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
# Surfaces and ink.
INK: Final = "#16243A"
QUIET: Final = "#5B6B7F"
LINE: Final = "#D9E0E8"
SURFACE: Final = "#FFFFFF"
PANEL: Final = "#F4F7FA"
NAVY: Final = "#10233F"
NAVY_RAISED: Final = "#1C3557"
ON_NAVY: Final = "#E9EFF6"

# Words on a pale ground of their hue: banners and badges. At least 4.5 to 1, as WCAG 2.2 asks of small text.
ON_PALE: Final = {
    "blue": "#00466E", "green": "#00573F", "orange": "#6F4A00", "red": "#8A3900", "violet": "#7A3560",
    "yellow": "#5C4A00", "gray": "#3E4C5E",
}  # fmt: skip
PALE: Final = {
    "blue": "#E3F0F8", "green": "#E0F4EE", "orange": "#FCF0D6", "red": "#FBE8DC", "violet": "#F8E9F2",
    "yellow": "#FCF7D2", "gray": "#EEF2F6",
}  # fmt: skip

# Series without a meaning of their own, in this order.
SERIES: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW)
# From little to much, one hue.
RAMP: Final = (
    "#EAF3F9", "#D3E6F2", "#B3D4E9", "#90C0DE", "#6AA9D1", "#4592C2", "#2080B8", "#0072B2", "#005C91", "#004670",
)  # fmt: skip

OUTCOME: Final = {"approve": GREEN, "review": ORANGE, "decline": VERMILLION}
TIER: Final = {"low": SKY, "medium": ORANGE, "high": VERMILLION, "in_default": "#7A2E00"}
# Days past due, as the arrears strip names them; the mildest first.
ARREARS: Final = {
    "up to date": "#D3E6F2",
    "1 to 29": YELLOW,
    "30 to 59": ORANGE,
    "60 to 90": VERMILLION,
    "over 90": "#7A2E00",
}
# What adds to a risk, and what takes from it.
RISKIER, SAFER = VERMILLION, BLUE
EXPECTED, OBSERVED = QUIET, BLUE
CHAMPION, CHALLENGER = BLUE, ORANGE
