"""What residents fill in: tell, vote, comment. Each field's sentence says how to mend it."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from board.comments.rules import COMMENT_LENGTH
from board.core.forms import Decimal, Form, Line, Number, Text, Tick
from board.core.language import gettext as _
from board.people.rules import Reach, email_reach, phone_reach
from board.people.slips import MOST_TYPED
from board.stories.rules import ALT_LENGTH, NAME_LENGTH, PROMPT_LENGTH, TITLE_LENGTH
from board.votes.rules import Offer


class ContactFields(Form):
    """How somebody can be reached: an e-mail and/or a phone number, one is enough."""

    email: Annotated[Line, Field(max_length=254)] = ""
    phone: Annotated[Line, Field(max_length=40)] = ""

    def reaches(self, country: str) -> list[Reach]:
        """The ways given that work, e-mail first; `country` reads numbers without a +."""
        ways = (
            email_reach(self.email) if self.email else None,
            phone_reach(self.phone, country) if self.phone else None,
        )
        return [way for way in ways if way is not None]


def contact_mistakes(form: ContactFields, country: str) -> dict[str, str]:
    """What is wrong with a contact, a sentence per field; the country reads local numbers."""
    said: dict[str, str] = {}
    if form.email and email_reach(form.email) is None:
        said["email"] = _("Something is missing or odd in this address. Like name@example.org")
    if form.phone and phone_reach(form.phone, country) is None:
        said["phone"] = _("We can't read this number. Begin with + and the country, like +48 …")
    if not form.email and not form.phone:
        said["email"] = _("We need an e-mail address or a phone number, one of the two.")
    return said


class SlipFields(ContactFields):
    """A contact, or the code on a slip from the library; an offer needs a contact all the same."""

    slip: Annotated[Line, Field(max_length=MOST_TYPED)] = ""


def reach_mistakes(form: SlipFields, country: str, *, offering: bool = False) -> dict[str, str]:
    """What is wrong with how somebody lets themselves be known, a sentence per field.

    Whether a code is right is told by who uses it up (slip_sending), never beforehand.
    """
    said = contact_mistakes(form, country)
    if form.email or form.phone:
        return said
    if not form.slip:
        sentence = _("An e-mail address, a phone number or a slip's code: we need one of them.")
        return {"email": sentence}
    if offering:
        sentence = _("You offer something: leave a number too, so that we can call you about it.")
        return {"phone": sentence}
    return {}


def start_mistakes(form: ContactFields, *, tell_me: bool) -> dict[str, str]:
    """Whoever wants the mail about a start leaves an address for it."""
    if form.email or not tell_me:
        return {}
    return {"email": _("We write by e-mail when it starts: leave an address, or untick that.")}


class OfferFields(Form):
    """The ticks beside a vote; all start empty. `tell_me`: one mail when a circle starts."""

    nearby: Tick = False
    come: Tick = False
    facilitate: Tick = False
    host: Tick = False
    help: Tick = False
    tell_me: Tick = False

    @property
    def offer(self) -> Offer:
        """The offer that these ticks make."""
        return Offer(self.come, self.facilitate, self.host, self.help)


def _on_globe(most: float) -> AfterValidator:
    def check(value: float | None) -> float | None:
        if value is not None and abs(value) > most:
            sentence = _("That lies off the globe: between -%(most)s and %(most)s, please.")
            raise ValueError(sentence % {"most": round(most)})
        return value

    return AfterValidator(check)


class TownFields(Form):
    """Which town: the one whose page they came from (`at`, "si/velenje"), one chosen from the
    gazetteer, or one typed by hand because it is not in it."""

    at: Annotated[Line, Field(max_length=140)] = ""
    town: Annotated[Line, Field(max_length=120)] = ""
    geonames_id: Number = None
    by_hand: Tick = False
    country: Annotated[Line, Field(max_length=2)] = ""
    lat: Annotated[Decimal, _on_globe(90)] = None
    lng: Annotated[Decimal, _on_globe(180)] = None


class TellForm(TownFields, OfferFields, SlipFields):
    """A story: any one of three prompts is enough."""

    why: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    how: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    own: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    title: Annotated[Line, Field(max_length=TITLE_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = ""
    photo: Annotated[Line, Field(max_length=64)] = ""
    alt: Annotated[Line, Field(max_length=ALT_LENGTH)] = ""
    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    may_show: Tick = False


def tell_mistakes(form: TellForm, country: str) -> dict[str, str]:
    """What a story still lacks, in the order of the page."""
    said: dict[str, str] = {}
    if not (form.why or form.how or form.own):
        said["why"] = _("We need a few words under at least one of these.")
    said |= alt_mistakes(form.photo, form.alt)
    if not form.name:
        said["name"] = _("Tell us what people call you. A first name is enough.")
    said |= reach_mistakes(form, country, offering=form.offer.any)
    said |= start_mistakes(form, tell_me=form.tell_me)
    if not form.may_show:
        said["may_show"] = _("Tick this, so that we may show your story once it was read.")
    return said


def alt_mistakes(photo: str, alt: str) -> dict[str, str]:
    """A picture without words is nothing to those who can't see it."""
    return {"alt": _("Say in a few words what can be seen.")} if photo and not alt else {}


class VoteForm(OfferFields, SlipFields):
    """A vote: a bare one asks no name, an offer does."""

    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""

    @model_validator(mode="after")
    def name_for_offers(self) -> Self:
        """Whoever offers something is written to, and wants to be addressed."""
        if self.offer.any and not self.name:
            raise ValueError(_("You offer something: tell us what people call you."), "name")
        return self


class CommentForm(SlipFields):
    """A word in the talk; who is remembered needs nothing but the text.

    `reply_to` is the comment that is answered, `talk` the order in which the talk was read.
    """

    text: Annotated[Text, Field(max_length=COMMENT_LENGTH)] = ""
    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = ""
    reply_to: Number = None
    talk: Annotated[Line, Field(max_length=10)] = ""


class OwnCommentForm(Form):
    """One's own comment in other words."""

    text: Annotated[Text, Field(max_length=COMMENT_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = ""


def comment_mistakes(form: CommentForm, country: str) -> dict[str, str]:
    """What a comment by somebody new still lacks."""
    said = {} if form.text else {"text": _("Say a word or two first.")}
    if not form.name:
        said["name"] = _("Tell us what people call you. A first name is enough.")
    return said | reach_mistakes(form, country)


def _beginning(value: object) -> str:
    return str(value)[:MOST_TYPED]


class CodeForm(Form):
    """The six digits, typed or pasted with spaces; what is far too long is simply wrong."""

    code: Annotated[str, BeforeValidator(_beginning)] = ""
    shared: Tick = False

    @property
    def digits(self) -> str:
        """The typed digits alone, whatever script's digits they are."""
        return "".join(str(int(c)) for c in self.code if c.isdecimal())


class SlipForm(Form):
    """A slip's code, typed by hand; what is far too long is simply wrong."""

    slip: Annotated[str, BeforeValidator(_beginning)] = ""


class TakeBackForm(Form):
    """Which vote is taken back: in which town, and from which page when nobody is remembered."""

    town_id: Number = None
    page: Annotated[str, Field(max_length=100)] = ""
