"""Reply templates: words that staff begin an answer with."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from board.core.errors import Mistake, NotFound
from board.core.language import gettext as _
from board.updates.models import reply_templates
from board.updates.rules import unknown_names

_t = reply_templates.c


def keep_template(
    conn: Connection,
    *,
    name: str,
    language: str,
    text: str,
    person_id: int,
    now: datetime,
    template_id: int | None = None,
) -> int:
    """Make or change a template; its id. Raises Mistake for a name in braces that we don't know."""
    if not name or not text:
        raise Mistake({"name" if not name else "text": _("Both a name and words are needed.")})
    if unknown := unknown_names(text):
        sentence = _("We don't know what {%(name)s} stands for.") % {"name": unknown[0]}
        raise Mistake({"text": sentence})
    values = {
        "name": name,
        "language": language,
        "text": text,
        "person_id": person_id,
        "changed_at": now,
    }
    if template_id is None:
        made = insert(reply_templates).values(**values).returning(_t.id)
        return int(conn.execute(made).scalar_one())
    changed = conn.execute(
        update(reply_templates).where(_t.id == template_id).values(**values).returning(_t.id)
    ).scalar()
    if changed is None:
        raise NotFound(_("There is no such template."))
    return int(changed)


def drop_template(conn: Connection, template_id: int) -> None:
    """Throw a template away; answers made with it stay as they are."""
    conn.execute(delete(reply_templates).where(_t.id == template_id))
