"""Every address of the board, one line each, with who may use it.

One Route per path: two would answer 405 with only the first one's methods in `Allow`.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from board.desk import partner_views, pass_on_views, record_views
from board.dev import views as dev
from board.digests import views as digests
from board.explore import library_views as libraries
from board.explore import map_views as live_map
from board.explore import talk_views as talk
from board.explore import views as explore
from board.health import views as health
from board.moderation import views as report
from board.pages import views as pages
from board.routing import Wing, both, post
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
    Route("/libraries", libraries.libraries),
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


def desk() -> Sequence[BaseRoute]:
    """The desk's addresses."""
    # Only a few people need what comes with them: passkeys, spreadsheets, codes to print.
    from board.desk_routes import DESK  # noqa: PLC0415

    return DESK


DEVELOPMENT: list[BaseRoute] = [
    Route("/dev/mail", dev.mails),
    Route("/dev/mail/{name:str}", dev.mail),
    Route("/dev/parts", dev.parts),
]


def routes(*, production: bool) -> list[BaseRoute]:
    """All addresses; those for developers don't exist in production."""
    return [*PUBLIC, Wing("/staff", desk), *([] if production else DEVELOPMENT)]
