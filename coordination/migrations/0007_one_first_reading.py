"""A first reading is one row: the earliest of each group stays, then the database refuses a second."""

from django.db import migrations, models

# Two openings at the same instant could write two « first » readings. The table is append-only: its trigger is
# lifted for this statement only, in the transaction of the migration. The audit trail keeps every opening.
KEEP_THE_EARLIEST = """
ALTER TABLE coordination_reading DISABLE TRIGGER pgtrigger_append_only_21a08;
DELETE FROM coordination_reading later
 USING coordination_reading first
 WHERE (first.version_id, first.professional_id, first.via) = (later.version_id, later.professional_id, later.via)
   AND (first.at, first.id) < (later.at, later.id);
ALTER TABLE coordination_reading ENABLE TRIGGER pgtrigger_append_only_21a08;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('coordination', '0006_midwife_to_confirm'),
    ]

    operations = [
        migrations.RunSQL(KEEP_THE_EARLIEST, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('version', 'professional', 'via'), name='one_first_reading'),
        ),
    ]
