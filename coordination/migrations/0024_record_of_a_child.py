"""A question to the DMP names its person: the mother until now, a child of the stay from here on. A line « to reveal »."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Every question asked before was about the mother of its stay."""
    mother = apps.get_model("coordination", "Stay").objects.filter(pk=OuterRef("stay_id")).values("mother_id")[:1]
    asked = apps.get_model("coordination", "RecordQuery").objects.filter(stay__isnull=False, person__isnull=True)
    asked.update(person_id=Subquery(mother))


class Migration(migrations.Migration):

    dependencies = [
        ('coordination', '0023_fallback'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='recordquery',
            name='one_open_record_query',
        ),
        migrations.RemoveIndex(
            model_name='recordquery',
            name='coordinatio_user_id_cd62ba_idx',
        ),
        migrations.AddField(
            model_name='recordquery',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coordination.person'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        # What the filling leaves to check at the end of the transaction is checked now: the table is altered again below.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='workitem',
            name='kind',
            field=models.CharField(choices=[('SHIPMENT_REFUSED', 'Envoi à corriger'), ('RECEIPT_UNKNOWN', 'Accusé à rattacher'), ('LETTER_NOT_SENT', 'Lettre non envoyée'), ('LETTER_REQUESTED', 'Lettre demandée'), ('LETTER_ESCALATED', 'Lettre demandée sans réponse'), ('MIDWIFE_TO_CONFIRM', 'Sage-femme à confirmer'), ('TO_PLACE', 'Mère sans sage-femme'), ('EXIT_NOT_RECORDED', 'Sortie non enregistrée'), ('VISIT_OVERDUE', 'Première visite en retard'), ('INS_TO_COMPLETE', 'INS à compléter'), ('INTAKE_REFUSED', 'Message du DPI à traiter'), ('TO_REVEAL', 'Document caché à la patiente'), ('PAPER_TO_GIVE', 'À remettre sur papier'), ('LETTER_TO_CALL', 'Appeler avant la visite'), ('PATIENT_REPLY', 'Réponse d’une patiente')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='recordquery',
            index=models.Index(fields=['user', 'person', '-asked_at'], name='coordinatio_user_id_e372eb_idx'),
        ),
        migrations.AddConstraint(
            model_name='recordquery',
            constraint=models.UniqueConstraint(condition=models.Q(('answered_at__isnull', True)), fields=('user', 'stay', 'person', 'kind', 'document_uid'), name='one_open_record_query', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='recordquery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', True), ('stay__isnull', True)), models.Q(('person__isnull', False), ('stay__isnull', False)), _connector='OR'), name='record_query_names_its_person'),
        ),
    ]
