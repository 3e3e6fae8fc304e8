from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("django_trove", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="troveaccount",
            name="app_key",
            # With a default of the database's, a release from before it can run beside.
            field=models.CharField(blank=True, db_default="", editable=False, max_length=255),
        ),
    ]
