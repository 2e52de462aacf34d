"""An exploration as one HTML page that needs nothing else: figures as tables, charts as images within the page."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from bank360.bank.counted import counted
from bank360.dashboard.palette import INK, LINE, PANEL, QUIET
from bank360.learning.exploration import Exploration

_STYLE = f"""
body {{ font: 15px/1.45 system-ui, sans-serif; color: {INK}; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; margin-bottom: 0; }} h2 {{ font-size: 1.1rem; margin-top: 2rem; }}
p.quiet, caption {{ color: {QUIET}; text-align: left; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }}
th, td {{ padding: 0.2rem 0.6rem; border-bottom: 1px solid {LINE}; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }} th {{ background: {PANEL}; }}
img {{ max-width: 100%; height: auto; }} div.wide {{ overflow-x: auto; }}
"""


def page(title: str, about: str, found: Exploration, images: Iterable[tuple[str, str, bytes]]) -> str:
    """Return the page.

    Parameters
    ----------
    title, about
        What was explored, and as of when or from where.
    images
        Name, what it shows, PNG.
    """
    numbers = [
        (
            one.name, f"{one.rows - one.missing:,}", f"{one.missing / max(one.rows, 1):.1%}", f"{one.distinct:,}",
            *(_number(value) for value in (one.mean, one.deviation, *one.quantiles)), f"{one.beyond:,}",
        )
        for one in found.numbers
    ]  # fmt: skip
    texts = [
        (
            one.name, f"{one.rows - one.missing:,}", f"{one.missing / max(one.rows, 1):.1%}", f"{one.distinct:,}",
            ", ".join(f"{level} {rows:,}" for level, rows in one.levels)
            or ("not shown: names people or accounts" if one.naming else "none that five rows have"),
        )
        for one in found.texts
    ]  # fmt: skip
    together = [
        (", ".join(names) or "nothing", f"{rows:,}", f"{rows / found.rows:.1%}") for names, rows in found.together
    ]
    heads = ("column", "values", "missing", "different", "mean", "sd", "least", "5 %", "25 %", "50 %", "75 %", "95 %",
             "largest", "outside")  # fmt: skip
    told = (
        f"{about}. {counted(found.rows, 'row')}, {counted(len(numbers), 'column')} of numbers, "
        f"{counted(len(texts), 'column')} of texts. Levels of a text that fewer than five rows have are not shown, "
        "nor any cell of a column that names people or accounts."
    )
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="quiet">{escape(told)}</p>']
    if numbers:
        parts += ["<h2>Numbers</h2>", _table(heads, numbers)]
    if texts:
        parts += ["<h2>Texts</h2>", _table(("column", "values", "missing", "different", "most frequent"), texts)]
    parts += ["<h2>Missing together</h2>", _table(("without a value", "rows", "share"), together)]
    for _, shows, data in images:
        source = b64encode(data).decode()
        parts.append(f'<h2>{escape(shows)}</h2><img alt="{escape(shows)}" src="data:image/png;base64,{source}">')
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _number(value: float) -> str:
    return "" if value != value else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
