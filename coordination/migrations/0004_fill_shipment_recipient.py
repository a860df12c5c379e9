"""Name the recipient of the shipments made before the column: by the owner of the mailbox, else by the care team."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """A personal mailbox says who. Otherwise the name does, when one single person of the care team bears it."""
    Shipment = apps.get_model("coordination", "Shipment")
    Mailbox = apps.get_model("coordination", "Mailbox")
    CareTeamMember = apps.get_model("coordination", "CareTeamMember")
    owner = Mailbox.objects.filter(pk=OuterRef("mailbox_id")).values("professional_id")[:1]
    unknown = Shipment.objects.filter(channel="mssante", recipient__isnull=True)
    unknown.filter(mailbox__professional__isnull=False).update(recipient_id=Subquery(owner))
    for shipment in unknown.exclude(recipient_name="").order_by().iterator():
        team = CareTeamMember.objects.filter(stay_id=shipment.stay_id).select_related("professional")
        named = {
            member.professional_id
            for member in team
            if f"{member.professional.given_name} {member.professional.family_name}" == shipment.recipient_name
        }
        if len(named) == 1:
            Shipment.objects.filter(pk=shipment.pk).update(recipient_id=named.pop())


class Migration(migrations.Migration):
    dependencies = [("coordination", "0003_shipment_recipient")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
