"""Cursors of the applicative mailboxes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="MailboxCursor",
            fields=[
                (
                    "address",
                    models.CharField(max_length=254, primary_key=True, serialize=False, verbose_name="adresse"),
                ),
                ("uidvalidity", models.BigIntegerField(verbose_name="UIDVALIDITY")),
                ("last_uid", models.BigIntegerField(default=0, verbose_name="dernier UID acquitté")),
            ],
            options={
                "verbose_name": "curseur de boîte MSSanté",
                "verbose_name_plural": "curseurs de boîtes MSSanté",
            },
        ),
        migrations.AddConstraint(
            model_name="mailboxcursor",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_uid__gte", 0), ("uidvalidity__gte", 0)),
                name="mailbox_cursor_not_negative",
            ),
        ),
    ]
