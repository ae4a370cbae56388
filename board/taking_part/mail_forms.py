"""What is pressed on the pages behind a mail's links."""

from board.core.forms import Form, Line, Number


class PressForm(Form):
    """One press: an act with mails, or what to take back and its number."""

    act: Line = ""
    what: Line = ""
    number: Number = None
