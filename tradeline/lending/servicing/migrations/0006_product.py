"""An agreement says which product it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Those that are there already name none."""

    dependencies = (("servicing", "0005_lenders"),)
    operations = (
        migrations.AddField(
            "Agreement", "product", models.TextField(default=""), preserve_default=False
        ),
    )
