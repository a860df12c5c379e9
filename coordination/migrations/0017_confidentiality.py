# The masks of the documents that are already there become those of each of their versions.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coordination', '0016_record_queries'),
    ]

    operations = [
        migrations.AddField(
            model_name='documentversion',
            name='masks',
            field=models.JSONField(blank=True, default=list, help_text='Choix de confidentialité (standards.confidentiality)'),
        ),
        migrations.AddField(
            model_name='draft',
            name='masks',
            field=models.JSONField(blank=True, default=list, help_text='Choix de confidentialité (standards.confidentiality)'),
        ),
        migrations.AlterField(
            model_name='deposit',
            name='masks',
            field=models.JSONField(blank=True, default=list, help_text='Choix de confidentialité (standards.confidentiality)'),
        ),
        migrations.AlterField(
            model_name='deposit',
            name='reason',
            field=models.CharField(blank=True, choices=[('WRONG_DATUM', 'Une information était inexacte'), ('MISSING_DATUM', 'Une information manquait'), ('LATE_RESULT', "Un élément est arrivé depuis l'envoi"), ('UNREADABLE', 'Le fichier était illisible ou incomplet'), ('WRONG_FILE', "Ce n'était pas le bon fichier"), ('VISIBILITY', 'Les personnes qui peuvent le lire ont changé'), ('OTHER', 'Autre motif')], max_length=20),
        ),
        migrations.AlterField(
            model_name='document',
            name='masks',
            field=models.JSONField(blank=True, default=list, help_text='Choix de confidentialité (standards.confidentiality)'),
        ),
        migrations.AlterField(
            model_name='draft',
            name='reason',
            field=models.CharField(blank=True, choices=[('WRONG_DATUM', 'Une information était inexacte'), ('MISSING_DATUM', 'Une information manquait'), ('LATE_RESULT', "Un élément est arrivé depuis l'envoi"), ('UNREADABLE', 'Le fichier était illisible ou incomplet'), ('WRONG_FILE', "Ce n'était pas le bon fichier"), ('VISIBILITY', 'Les personnes qui peuvent le lire ont changé'), ('OTHER', 'Autre motif')], max_length=20),
        ),
        migrations.RunSQL(
            "UPDATE coordination_documentversion v SET masks = d.masks FROM coordination_document d "
            "WHERE d.id = v.document_id AND d.masks <> '[]'::jsonb",
            migrations.RunSQL.noop,
        ),
    ]
