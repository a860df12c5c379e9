"""The only thing the gateway remembers: how far each mailbox has been read."""

from __future__ import annotations

from django.db import models


class MailboxCursor(models.Model):
    """IMAP cursor of an applicative mailbox: UIDs up to `last_uid` are acknowledged by the core.

    A UID only means something together with its UIDVALIDITY (RFC 9051 §2.3.1.1).
    """

    address = models.CharField("adresse", max_length=254, primary_key=True)
    uidvalidity = models.BigIntegerField("UIDVALIDITY")
    last_uid = models.BigIntegerField("dernier UID acquitté", default=0)

    class Meta:
        verbose_name = "curseur de boîte MSSanté"
        verbose_name_plural = "curseurs de boîtes MSSanté"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_uid__gte=0, uidvalidity__gte=0), name="mailbox_cursor_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.uidvalidity}:{self.last_uid}"
