"""The Notifier port on Django's mail (EMAIL_BACKEND)."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail


class MailNotifier:
    """Sends one neutral sentence and the address of the page."""

    def notify(self, address: str, *, text_fr: str, path: str) -> None:
        """`text_fr` names nobody; `path` is a page of the site, reached after signing in."""
        send_mail(
            subject="perinat : une information vous attend",
            message=f"{text_fr}\n\nConnectez-vous : {settings.PUBLIC_URL}{path}\n",
            from_email=settings.DEFAULT_FROM_EMAIL,
            recipient_list=[address],
        )
