"""From a document to what is shown: Markdown becomes HTML once, in the language spoken now."""

import re
from collections.abc import Iterable

from board.core.markdown import page_html
from board.core.rendering import url
from board.pages.documents import Document, Part, parts_of, slug_of, tidied
from board.pages.forms import EventShape, NewsShape, PageShape
from board.pages.pieces import (
    Answer,
    AnswerGroup,
    Drawn,
    Event,
    NewsPost,
    Page,
    Section,
    SideLink,
)

_LOCAL_LINK = re.compile(r'href="(/[^"]*)"')
_FIRST_BLOCK = re.compile(r"(<p>.*?</p>)\s*(.*)", re.DOTALL)


def rendered(markdown: str) -> str:
    """Markdown of ours as clean HTML, its local links in the language that is spoken now."""
    html = page_html(tidied(markdown))
    return _LOCAL_LINK.sub(lambda found: f'href="{url(found[1])}"', html)


def make_page(slug: str, lang: str, document: Document, form: PageShape) -> Page:
    """A page, rendered for the language that is spoken now."""
    parts = parts_of(document)
    sections = tuple(_section(part) for part in parts if part.title)
    groups = tuple(_groups(form))
    return Page(
        slug=slug,
        lang=lang,
        title=form.title,
        underline=form.underline,
        description=form.description,
        about=rendered(form.about),
        intro="".join(rendered(part.source) for part in parts if not part.title),
        sections=sections,
        sidenav=tuple(_sidenav(form, sections, groups)),
        faq_title=form.faq_title,
        groups=groups,
        steps=tuple(Drawn(step.picture, step.title, step.text) for step in form.steps),
        needs=tuple(Drawn(need.glyph, need.title, need.text) for need in form.needs),
        retention=form.retention,
    )


def _section(part: Part) -> Section:
    html = rendered(part.source)
    first = _FIRST_BLOCK.fullmatch(html)
    lead, rest = (first[1], first[2]) if first else ("", html)
    return Section(part.id, part.title, lead, rest)


def _groups(form: PageShape) -> Iterable[AnswerGroup]:
    """The questions under their headings; those of no group come first."""
    titles = {"": form.faq_title, **{side.link: side.title for side in form.sidenav}}
    for group in dict.fromkeys(["", *titles, *(question.group for question in form.faq)]):
        answers = tuple(
            Answer(item.id or slug_of(item.q), item.q, rendered(item.a), item.open)
            for item in form.faq
            if item.group == group
        )
        if answers:
            yield AnswerGroup(group or "faq", titles.get(group, ""), answers)


def _sidenav(
    form: PageShape, sections: tuple[Section, ...], groups: tuple[AnswerGroup, ...]
) -> Iterable[SideLink]:
    if form.sidenav:
        return [SideLink(side.link, side.title) for side in form.sidenav]
    drawn = [SideLink(section.id, section.title) for section in sections]
    return [*drawn, *(SideLink(group.id, group.title) for group in groups if group.title)]


def make_post(slug: str, lang: str, document: Document, form: NewsShape) -> NewsPost:
    """A news post, rendered for the language that is spoken now."""
    return NewsPost(slug, lang, form.title, form.date, form.summary, rendered(document.body))


def make_event(slug: str, lang: str, document: Document, form: EventShape) -> Event:
    """An event, rendered for the language that is spoken now."""
    return Event(
        slug=slug,
        lang=lang,
        title=form.title,
        start=form.in_utc(form.start),
        end=form.in_utc(form.end),
        time_zone=form.time_zone,
        place=form.place,
        online=form.online,
        link=form.link,
        summary=form.summary,
        html=rendered(document.body),
    )
