"""Every address of the desk, one line each, with who may use it; read when it is first asked for.

One Route per path: two would answer 405 with only the first one's methods in `Allow`.
"""

from starlette.routing import BaseRoute, Route

from board.desk import (
    codes_views,
    contact_views,
    hand_over_views,
    held_views,
    merge_views,
    own_views,
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
from board.door import factor_views, people_views, seat_views, sign_in_views
from board.people.guards import admin, at_door, moderator, organiser, seated, staff
from board.routing import both, post

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
