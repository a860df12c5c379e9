"""Name the recipient of the shipments made before the column: by the owner of the mailbox, else by the care team.

Two people of one name are told apart by what the other one was already sent. What waits and cannot be given
its recipient never leaves by itself: a line of the ward's list says so.
"""

import uuid

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.utils import timezone

TO_WHOM = (
    "Cet envoi attend sans destinataire certain : aucune personne de l'équipe de soins, ou plusieurs, ne portent "
    "le nom inscrit. Confirmez la professionnelle sur la page du séjour : ses papiers partiront vers elle."
)


def fill(apps, schema_editor):
    """A personal mailbox says who. Otherwise the name does, when one single person of the care team bears it."""
    Shipment = apps.get_model("coordination", "Shipment")
    Mailbox = apps.get_model("coordination", "Mailbox")
    owner = Mailbox.objects.filter(pk=OuterRef("mailbox_id")).values("professional_id")[:1]
    unknown = Shipment.objects.filter(channel="mssante", recipient__isnull=True)
    unknown.filter(mailbox__professional__isnull=False).update(recipient_id=Subquery(owner))
    for shipment in unknown.exclude(recipient_name="").order_by().iterator():
        named = _named(apps, shipment)
        if len(named) > 1:
            named -= _served(Shipment, shipment)
        if len(named) == 1:
            Shipment.objects.filter(pk=shipment.pk).update(recipient_id=named.pop())
    for shipment in unknown.filter(status="HELD").order_by().iterator():
        _open_line(apps, shipment)


def _named(apps, shipment):
    """Those of the care team who bear the name on the envelope."""
    team = apps.get_model("coordination", "CareTeamMember").objects.filter(stay_id=shipment.stay_id)
    return {
        member.professional_id
        for member in team.select_related("professional")
        if f"{member.professional.given_name} {member.professional.family_name}" == shipment.recipient_name
    }


def _served(Shipment, shipment):
    """Those to whom another sending carries the same papers."""
    same = Shipment.objects.filter(versions__in=shipment.versions.all(), channel="mssante", recipient__isnull=False)
    return set(same.exclude(pk=shipment.pk).exclude(status="CANCELLED").values_list("recipient_id", flat=True))


def _open_line(apps, shipment):
    """What `worklist.open_refusal` does, with the tables of this migration."""
    WorkItem, Event = apps.get_model("coordination", "WorkItem"), apps.get_model("coordination", "Event")
    key, now = f"SHIPMENT_REFUSED:{shipment.pk}", timezone.now()
    if WorkItem.objects.filter(key=key, status="OPEN").exists():
        return
    place = {"organisation_id": shipment.organisation_id, "stay_id": shipment.stay_id}
    item = WorkItem.objects.create(
        id=uuid.uuid4(), kind="SHIPMENT_REFUSED", key=key, message=TO_WHOM, shipment=shipment, opened_at=now, **place
    )
    Event.objects.create(
        id=uuid.uuid4(), subject="work_item", subject_id=item.pk, source="", target="OPEN", at=now, **place
    )


class Migration(migrations.Migration):
    dependencies = [("coordination", "0003_shipment_recipient")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
