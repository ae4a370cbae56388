"""The facts that the pages must carry, one check each, in what a visitor gets."""

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from board.core import language


def words(html: str) -> str:
    """The text of a page in one line, without tags."""
    bare = re.sub(r"<(?:script|style)\b.*?</(?:script|style)>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(p|li|h\d)>", " ", bare))).split())


def text_of(browser: TestClient, path: str, code: str = "en") -> str:
    return words(browser.get(language.localised(path, code)).text)


ENGLISH = [
    ("open to the public", "/", "free and open to the public"),
    ("free", "/about", "Joining is free, the course is free"),
    ("six to eight meetings", "/", "You meet six to eight times, usually once a week"),
    ("six to eight meetings", "/about", "usually six to eight times"),
    ("neither teacher nor expert", "/", "The facilitator is neither teacher nor expert"),
    ("first time", "/", "may well be taking the course for the first time"),
    ("first time", "/about", "take the course for the first time together"),
    ("readies the room", "/", "has the room ready when you arrive"),
    ("readies the room each week", "/about", "get the room ready each week"),
    ("why: isolation", "/about", "an online course leaves you alone with a screen"),
    ("why: support", "/about", "A group carries you over the dull bits"),
    ("why: culture grows", "/about", "many small, steady acts"),
    ("why on home", "/", "many small things that people keep doing for each other"),
    ("any free course", "/about", "costs learners nothing"),
    ("chosen by the group", "/about", "chosen by the group"),
    ("provider's terms", "/about", "keep to the terms of whoever provides it"),
    ("sign up with", "/about", "Your name, and a phone number or an e-mail address or both"),
    ("used only to contact", "/about", "to contact you and for nothing else"),
    ("account only to create", "/about", "no account for that: only people who create a circle do"),
    ("no accredited certificate", "/about", "Not an accredited one"),
    ("certificate of completion", "/about", "a certificate of completion would help you, ask your"),
    ("anybody can start", "/about", "It's free and all you need is a P2PU account"),
    ("non-profit", "/about", "501(c)(3) in California"),
    ("people in", "/about", "people in the US, Canada and South Africa"),
    ("mission", "/about", "equitable, empowering and liberating alternatives to mainstream higher"),
    ("IMLS", "/about", "Institute of Museum and Library Services"),
    ("OSF", "/about", "Open Society Foundations"),
    ("Siegel", "/about", "Siegel Family Endowment"),
    ("Knight", "/about", "Knight Foundation"),
    ("donations and services", "/about", "Donations help, and organisations"),
    ("We Learn began", "/about", "It began as a partnership, paid for by IMLS"),
    ("Pittsburgh", "/about", "Carnegie Library of Pittsburgh"),
    ("Detroit", "/about", "Detroit Public Library"),
    ("Multnomah", "/about", "Multnomah County Library"),
    ("Onondaga", "/about", "Onondaga Free Library"),
    ("Chicago's model", "/about", "The model came from what the Chicago Public Library and P2PU"),
    ("Erasmus, past tense", "/about", "From 2018 to 2021 the European Union's Erasmus+ programme"),
    ("Erasmus, lead", "/about", "Informacyjnego (FRSI) in Poland led it"),
    ("Erasmus, Köln", "/about", "Stadtbibliothek Köln"),
    ("Erasmus, Romania", "/about", "Fundatia Progress in Romania"),
    ("Erasmus, Portugal", "/about", "Biblioteca Lúcio Craveiro da Silva in Portugal"),
    ("Erasmus, Finland", "/about", "Suomen eOppimiskeskus in Finland"),
    ("Erasmus, research", "/about", "2018–2019: research on adult learning, a white paper"),
    ("Erasmus, translation", "/about", "2019–2020: the method and the software were translated"),
    ("Erasmus, training", "/about", "2020: up to 25 organisers were trained"),
    ("Erasmus, workshops", "/about", "2021: they led workshops in each country"),
    ("2015, Chicago", "/", "In 2015 there were circles in the branches of the Chicago Public"),
    ("2015, Python", "/", "people learning Python in Slovenia, South Africa and the US"),
    ("2015, Europe", "/", "a group around Europe reading up on open educational resources"),
    ("tell us why", "/", "Tell us why learning together is needed where you live"),
    ("tell us how", "/", "Tell us how you imagine it"),
    ("tell us your story", "/", "Tell us your own story"),
    ("read others'", "/", "Read what people are asking for"),
    ("debate where next", "/", "argue about where we should launch next"),
    ("great ideas and partners", "/", "Got a great idea, or an organisation behind you? Partner"),
    ("great ideas and partners", "/partner", "Great ideas are as welcome as great buildings"),
    ("partner: libraries", "/partner", "a grant from IMLS, the Carnegie Library of Pittsburgh"),
    ("partner: Erasmus", "/partner", "Between 2018 and 2021 an Erasmus+ project"),
    ("partner: no expert", "/partner", "a facilitator is no expert"),
]

GERMAN = [
    ("/", "kostenlos und offen für alle"),
    ("/", "sechs- bis achtmal"),
    ("/", "weder Lehrkraft noch Fachfrau oder Fachmann"),
    ("/", "macht den Kurs oft selbst zum ersten Mal"),
    ("/", "2015 gab es Lernteams in den Zweigstellen der Chicago Public Library"),
    ("/", "Python in Slowenien, Südafrika und den USA"),
    ("/about", "richtest jede Woche den Raum her"),
    ("/about", "eine Telefonnummer oder eine E-Mail-Adresse oder beides"),
    ("/about", "frag deine Lernbegleitung: Die gibt es"),
    ("/about", "501(c)(3) in Kalifornien"),
    ("/about", "in den USA, in Kanada und in Südafrika"),
    ("/about", "gerechte, stärkende und befreiende Alternativen"),
    ("/about", "Institute of Museum and Library Services"),
    ("/about", "Open Society Foundations"),
    ("/about", "Siegel Family Endowment"),
    ("/about", "Knight Foundation"),
    ("/about", "Carnegie Library of Pittsburgh"),
    ("/about", "Detroit Public Library"),
    ("/about", "Multnomah County Library"),
    ("/about", "Onondaga Free Library"),
    ("/about", "Von 2018 bis 2021"),
    ("/about", "Stadtbibliothek Köln"),
    ("/about", "Fundatia Progress"),
    ("/about", "Biblioteca Lúcio Craveiro da Silva"),
    ("/about", "Suomen eOppimiskeskus"),
    ("/about", "Bis zu 25 Organisierende"),
    ("/partner", "Gute Ideen sind so willkommen wie gute Gebäude"),
]

LINKS = [
    ("/about", "https://www.p2pu.org/courses/"),
    ("/about", "mailto:support@p2pu.org"),
    ("/about", "https://www.carnegielibrary.org/events"),
    ("/", "https://community.p2pu.org/t/learningcircles"),
    ("/", "https://info.p2pu.org/category/learning-circles/"),
    ("/start", "https://learningcircles.p2pu.org/en/accounts/register/"),
]


@pytest.mark.parametrize(("fact", "path", "sentence"), ENGLISH)
def test_fact_stands_on_the_page(browser: TestClient, fact: str, path: str, sentence: str) -> None:
    assert sentence in text_of(browser, path), fact


@pytest.mark.parametrize(("path", "sentence"), GERMAN)
def test_fact_stands_on_the_german_page(browser: TestClient, path: str, sentence: str) -> None:
    assert sentence in text_of(browser, path, "de")


@pytest.mark.parametrize("code", list(language.NAMES))
@pytest.mark.parametrize(("path", "address"), LINKS)
def test_link_stands_on_the_page(browser: TestClient, path: str, address: str, code: str) -> None:
    assert f'href="{address}"' in browser.get(language.localised(path, code)).text


@pytest.mark.parametrize("code", list(language.NAMES))
def test_home_has_the_anchors_of_2015(browser: TestClient, code: str) -> None:
    html = browser.get(language.localised("/", code)).text

    for anchor in ("about", "where", "want", "news", "events", "discussion"):
        assert html.count(f'id="{anchor}"') == 1


@pytest.mark.parametrize("code", list(language.NAMES))
@pytest.mark.parametrize(
    "word",
    [
        "opintopiiri",
        "klub wiedzy",
        "círculo de aprendizagem",
        "cerc de învățare",
        "cercle d'apprentissage",
        "círculo de aprendizaje",
    ],
)
def test_local_words_for_learning_circle_are_told(
    browser: TestClient, word: str, code: str
) -> None:
    assert word in text_of(browser, "/about", code)


def test_home_has_the_three_doors(browser: TestClient) -> None:
    html = browser.get("/").text

    assert [path for path in ("/tell", "/start", "/partner") if f'href="{path}"' in html] == [
        "/tell",
        "/start",
        "/partner",
    ]
