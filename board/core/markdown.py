"""Markdown for staff updates and content pages; residents write plain text (`core.text`)."""

from markdown_it import MarkdownIt

from board.core.sanitise import clean_html, clean_page
from board.core.text import LINK_REL, tidy

_update = MarkdownIt(
    "commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20}
).enable("linkify")
_update.disable(["image", "heading", "lheading", "html_block", "html_inline", "reference", "hr"])
_page = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 20})
_page.enable(["linkify", "table"]).disable(["image", "html_block", "html_inline"])


def update_html(markdown: str) -> str:
    """A staff update: emphasis, lists, quotes and absolute links."""
    html = _update.render(tidy(markdown))
    return clean_html(html.replace("<a href=", f'<a rel="{LINK_REL}" href=')).strip()


def page_html(markdown: str) -> str:
    """A content page or a part of one: headings, tables and local links as well."""
    return clean_page(_page.render(markdown)).strip()
