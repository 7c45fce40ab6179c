"""Mail by SMTP. Blocks: run it in a thread."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import make_msgid

import msgspec

_PATIENCE = 20.0  # seconds


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in. ``security`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int = 587
    user: str = ""
    password: str = ""
    security: str = "starttls"
    sender: str = ""


def send(server: MailServer, *, to: str, subject: str, text: str, stop: str = "") -> None:
    """Hands one mail in; ``stop`` is the address that ends such mail by a click (RFC 8058), or "".

    Raises OSError or smtplib.SMTPException when the server does not take it.
    """
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2].rstrip(">") or None)
    if stop:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    with _connected(server) as smtp:
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
    if server.security == "starttls":
        smtp.starttls(context=ssl.create_default_context())
    return smtp
