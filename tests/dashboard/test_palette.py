"""Words can be read on what they stand on: at least 4.5 to 1, as WCAG 2.2 (1.4.3) asks of small text."""

import pytest

from bank360.dashboard import palette


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_contrast_that_the_standard_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize(
    ("words", "ground"),
    [
        *((palette.ON_PALE[hue], palette.PALE[hue]) for hue in palette.PALE),
        *((words, ground) for words in (palette.INK, palette.QUIET) for ground in (palette.SURFACE, palette.PANEL)),
        *((palette.ON_NAVY, ground) for ground in (palette.NAVY, palette.NAVY_RAISED)),
        (palette.SURFACE, palette.BLUE),
    ],
)
def test_words_stand_out_from_their_ground(words, ground):
    assert contrast(words, ground) >= 4.5
