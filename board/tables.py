"""Every table of the board, so that migrations and tests see the whole schema."""

from sqlmodel import SQLModel

from board.circles import models as circles
from board.comments import models as comments
from board.core import changes, facts, quotas, tallies
from board.desk import models as desk
from board.digests import models as digests
from board.follows import models as follows
from board.mail import models as mail
from board.moderation import models as moderation
from board.people import models as people
from board.record import models as record
from board.stories import models as stories
from board.towns import models as towns
from board.updates import models as updates
from board.votes import models as votes

ROOMS = (
    changes, facts, quotas, tallies, record, mail, people, towns, circles, follows, stories, votes,
    comments, updates, moderation, digests, desk,
)  # fmt: skip
metadata = SQLModel.metadata
