"""Every address of the board, one line each, with who may use it.

One Route per path: two would answer 405 with only the first one's methods in `Allow`.
"""

from collections.abc import Awaitable, Callable

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from board.desk import (
    codes_views,
    contact_views,
    hand_over_views,
    held_views,
    merge_views,
    own_views,
    partner_views,
    pass_on_views,
    record_views,
    sheet_views,
    table_views,
    tasks_views,
    town_views,
    trends_views,
    word_views,
    write_views,
)
from board.desk import export_views as desk_export
from board.desk import mail_views as desk_mail
from board.desk import talk_views as desk_talk
from board.desk import views as desk
from board.desk import vote_views as desk_votes
from board.dev import views as dev
from board.digests import views as digests
from board.door import factor_views, people_views, seat_views, sign_in_views
from board.explore import map_views as live_map
from board.explore import talk_views as talk
from board.explore import views as explore
from board.health import views as health
from board.moderation import views as report
from board.pages import views as pages
from board.people.guards import admin, at_door, moderator, organiser, seated, staff
from board.share import views as share
from board.taking_part import (
    comment_views,
    erase_views,
    follow_views,
    mail_views,
    offer_views,
    photo_views,
    slip_views,
    story_views,
    talk_views,
    tell_views,
    vote_views,
    wishes_views,
    you_enter_views,
    you_views,
)
from board.taking_part import confirm_views as confirm
from board.taking_part import export_views as own_export
from board.towns import views as towns

View = Callable[[Request], Awaitable[Response]]


class IdConvertor(Convertor[int]):
    """A number that fits a database id; `{x:int}` would take thirty digits and end in a crash."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits."""
        return str(value)


register_url_convertor("id", IdConvertor())


def either(*, get: View, post: View) -> View:
    """One address with a page and a form: GET shows, POST acts."""

    async def answer(request: Request) -> Response:
        return await (post if request.method == "POST" else get)(request)

    answer.get, answer.post = get, post  # type: ignore[attr-defined]
    return answer


def both(path: str, get: View, post: View) -> Route:
    """The route of an address with a page and a form."""
    return Route(path, either(get=get, post=post), methods=["GET", "POST"])


def post(path: str, view: View) -> Route:
    """The route of an address that only acts."""
    return Route(path, view, methods=["POST"])


TOWN = "/towns/{country:str}/{slug:str}"

PUBLIC: list[BaseRoute] = [
    Route("/", explore.home),
    Route("/towns", explore.towns),
    Route("/towns/suggest", towns.suggest),
    Route("/map/{z:id}/{x:id}/{y:id}", live_map.tile),
    Route("/map/popup/town/{id:id}", live_map.town_popup),
    Route("/map/popup/circle/{id:id}", live_map.circle_popup),
    Route("/map/popup/library/{id:id}", live_map.library_popup),
    Route(TOWN, explore.town),
    both(TOWN + "/vote", vote_views.vote, vote_views.cast),
    both(TOWN + "/wishes", wishes_views.wishes, wishes_views.keep_wishes),
    both(TOWN + "/offer", offer_views.offer, offer_views.send_offer),
    post(TOWN + "/comments", comment_views.say_in_town),
    Route("/stories", explore.stories),
    Route("/stories/{id:id}", explore.story),
    post("/stories/{id:id}/comments", comment_views.say_under_story),
    Route("/talk", talk.talk),
    post("/talk/comments", comment_views.say_in_open_talk),
    Route("/comments/{id:id}", talk.comment),
    both("/comments/{id:id}/edit", talk_views.edit, talk_views.save),
    both("/comments/{id:id}/withdraw", talk_views.ask_to_withdraw, talk_views.withdraw),
    both("/report/story/{id:id}", report.report_story, report.send_story_report),
    both("/report/comment/{id:id}", report.report_comment, report.send_comment_report),
    both("/stories/{id:id}/edit", story_views.edit, story_views.send_edit),
    Route("/stories/{id:id}/history", story_views.history),
    both("/stories/{id:id}/withdraw", story_views.leaving, story_views.leave),
    Route("/photos/{id:id}", photo_views.photo),
    Route("/photos/edits/{id:id}", photo_views.photo_of_edit),
    both("/tell", tell_views.tell, tell_views.send_story),
    Route("/tell/saved", tell_views.saved),
    Route("/tell/photo/{token:str}", photo_views.sent_photo),
    both("/tell/draft/{token:str}", tell_views.draft, tell_views.send_draft),
    post("/tell/draft/{token:str}/drop", tell_views.drop_draft),
    both("/confirm/wait/{page:str}", confirm.waiting, confirm.type_code),
    post("/confirm/wait/{page:str}/again", confirm.resend),
    both("/confirm/{token:str}", confirm.link, confirm.confirm_link),
    post("/confirm/{token:str}/take-back", mail_views.take_back_by_link),
    post("/confirm/{token:str}/never", mail_views.never_write),
    both("/mail/stop/{token:str}/{stream:str}", mail_views.stop_page, mail_views.stop),
    both("/mail/{token:str}", mail_views.show, mail_views.change),
    both("/slip", slip_views.entry, slip_views.open_slip),
    Route("/slip/{code:str}", slip_views.slip),
    both("/follow", follow_views.follow, follow_views.send_follow),
    both("/launch/{token:str}/{town:id}", digests.launch, digests.answer),
    both("/still-in/{token:str}", digests.still_in, digests.stay),
    both("/pass-on/{token:str}/{hand_over:id}", pass_on_views.ask, pass_on_views.answer),
    both("/bundle/{token:str}", pass_on_views.bundle, pass_on_views.open_it),
    post("/take-back", confirm.take_back),
    post("/forget", confirm.forget),
    both("/you", you_views.you, you_views.ask),
    both("/you/wait/{page:str}", you_enter_views.waiting, you_enter_views.type_code),
    both("/you/enter/{token:str}", you_enter_views.link, you_enter_views.follow_link),
    post("/you/name", you_views.save_name),
    post("/you/browsers", you_views.forget_browsers),
    post("/you/unfollow", you_views.stop_following),
    post("/you/pace", you_views.choose_pace),
    post("/you/export", own_export.export),
    both("/you/erase", erase_views.ask, erase_views.erase),
    Route("/you/erased", erase_views.erased),
    both("/partner", partner_views.partner, partner_views.send_partner),
    Route("/about", pages.about),
    Route("/start", pages.start),
    Route("/guidelines", pages.guidelines),
    Route("/privacy", pages.privacy),
    Route("/how-we-count", pages.how_we_count),
    Route("/news", pages.news_index),
    Route("/news/{slug:str}", pages.news_show),
    Route("/events", pages.events_index),
    Route("/events/{slug:str}", pages.events_show),
    Route("/t/{code:str}", share.short_address),
    Route("/record", record_views.public),
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
]

DESK: list[BaseRoute] = [
    both("/staff/sign-in", sign_in_views.door, sign_in_views.knock),
    both("/staff/sign-in/{page:str}", sign_in_views.code_page, sign_in_views.enter),
    both("/staff/invitation/{token:str}", sign_in_views.invitation, sign_in_views.accept),
    post("/staff/sign-out", sign_in_views.sign_out),
    both("/staff/door", at_door(factor_views.second), at_door(factor_views.enter)),
    both("/staff/door/set-up", at_door(factor_views.set_up), at_door(factor_views.begin)),
    post("/staff/door/question", at_door(factor_views.ask_key)),
    post("/staff/door/passkey", at_door(factor_views.enter_key)),
    both("/staff/people", admin(people_views.index), admin(people_views.settle)),
    both("/staff/people/{id:id}", admin(people_views.show), admin(people_views.change)),
    both("/staff/seat", seated(seat_views.seat), seated(seat_views.settle)),
    both("/staff/seat/app", seated(seat_views.app), seated(seat_views.keep_app)),
    post("/staff/seat/question", seated(seat_views.ask_key)),
    post("/staff/seat/passkey", seated(seat_views.keep_key)),
    Route("/staff", staff(table_views.index)),
    post("/staff/views", staff(table_views.save)),
    post("/staff/views/{id:id}", staff(table_views.change)),
    post("/staff/owners", staff(table_views.give)),
    Route("/staff/export.csv", staff(desk_export.csv_of_table)),
    Route("/staff/export.xlsx", staff(desk_export.xlsx_of_table)),
    Route("/staff/trends", staff(trends_views.index)),
    both("/staff/queue", seated(desk.queue), seated(desk.decide)),
    post("/staff/queue/many", seated(desk.decide_many)),
    post("/staff/queue/undo", seated(desk.undo)),
    both("/staff/towns/{id:id}/merge", staff(merge_views.choose), staff(merge_views.merge)),
    post("/staff/merges/{id:id}/undo", staff(merge_views.undo)),
    Route("/staff/record", staff(record_views.record)),
    Route("/staff/hints", staff(desk_votes.hints)),
    both("/staff/towns/{id:id}/votes", staff(desk_votes.votes), staff(desk_votes.judge)),
    both("/staff/held", moderator(held_views.held), moderator(held_views.settle)),
    both("/staff/talk", moderator(desk_talk.lock), moderator(desk_talk.decide)),
    both("/staff/mail", staff(desk_mail.index), staff(desk_mail.try_again)),
    both("/staff/codes", organiser(codes_views.index), organiser(codes_views.make)),
    Route("/staff/codes/sheet", organiser(sheet_views.printed)),
    both("/staff/codes/{id:id}", organiser(codes_views.show), staff(codes_views.settle)),
    both("/staff/sheets", organiser(sheet_views.index), organiser(sheet_views.key_in)),
    Route("/staff/tasks", staff(tasks_views.tasks)),
    post("/staff/launches/{id:id}", staff(tasks_views.not_it)),
    both("/staff/towns/{id:id}/write", staff(write_views.begin), staff(write_views.send)),
    Route("/staff/towns/{id:id}/people", staff(contact_views.people)),
    both(
        "/staff/towns/{id:id}/people/{person:id}",
        staff(contact_views.ask),
        staff(contact_views.show),
    ),
    both(
        "/staff/towns/{id:id}/hand-over", staff(hand_over_views.page), staff(hand_over_views.begin)
    ),
    post("/staff/hand-overs/{id:id}", staff(hand_over_views.settle)),
    post("/staff/towns/{id:id}/notes", staff(town_views.note)),
    post("/staff/plans/{id:id}/drop", staff(town_views.throw_away)),
    both("/staff/updates/{id:id}", staff(word_views.update), staff(word_views.change)),
    both("/staff/replies", staff(word_views.replies), staff(word_views.settle_reply)),
    both("/staff/towns/{id:id}", staff(town_views.town), staff(town_views.send_word)),
    Route("/staff/own", organiser(own_views.index)),
    Route("/staff/own/{id:id}", organiser(own_views.town)),
]

DEVELOPMENT: list[BaseRoute] = [
    Route("/dev/mail", dev.mails),
    Route("/dev/mail/{name:str}", dev.mail),
    Route("/dev/parts", dev.parts),
]


def routes(*, production: bool) -> list[BaseRoute]:
    """All addresses; those for developers don't exist in production."""
    return PUBLIC + DESK + ([] if production else DEVELOPMENT)
