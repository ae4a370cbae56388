"""Only while developing: the mails that were written, and every part of the design."""
