"""Countries by their written names."""

import pytest

from board.circles.countries import country_of, split_place


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States of America", "US"),
        ("United States", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("us", "US"),
        ("Vereinigte Staaten von Amerika", "US"),
        ("Estados Unidos de América", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("Deutschland", "DE"),
        ("România", "RO"),
        ("Suomi", "FI"),
        ("Polska", "PL"),
        ("Slovenija", "SI"),
        ("Ελλάδα", "GR"),
        ("مصر", "EG"),
        ("日本", "JP"),
        ("Brasil", "BR"),
        ("South Africa", "ZA"),
        ("Republic of Kenya", "KE"),
        ("The Netherlands", "NL"),
        ("Türkiye", "TR"),
        ("Democratic Republic of the Congo", "CD"),
        ("Nigeria", "NG"),
        ("Niger", "NE"),
        ("Georgia", "GE"),
        ("Narnia", ""),
        ("", ""),
        ("XX", ""),
    ],
)
def test_country_of(name: str, code: str) -> None:
    assert country_of(name) == code


def test_country_of_takes_the_first_that_is_known() -> None:
    assert country_of("", "Narnia", "Kenia", "Polen") == "KE"


@pytest.mark.parametrize(
    ("city", "parts"),
    [
        ("Chicago", ("Chicago", "", "")),
        ("Chicago, Illinois, United States of America", ("Chicago", "Illinois", "US")),
        ("Chicago, Illinois, United States", ("Chicago", "Illinois", "US")),
        ("Detroit, MI", ("Detroit", "MI", "")),
        ("San Francisco, CA", ("San Francisco", "CA", "")),
        ("Atlanta, Georgia", ("Atlanta", "Georgia", "")),
        ("Nairobi, Kenya", ("Nairobi", "", "KE")),
        (" , ", ("", "", "")),
    ],
)
def test_split_place(city: str, parts: tuple[str, str, str]) -> None:
    assert split_place(city, "", "") == parts


def test_split_place_leaves_what_has_its_own_field() -> None:
    assert split_place("Paris, France", "Texas", "US") == ("Paris", "Texas", "US")
