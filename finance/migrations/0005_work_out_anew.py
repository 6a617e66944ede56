"""Savings are summed by type, and a plan to date with a gap in it no longer: all is worked out anew.

Its slices are behind their changes after this, so the sweep recomputes them; until then the
figures of before stay visible.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("finance", "0004_idempotency_keys")]
    operations = [
        migrations.AlterField(
            model_name="rollup",
            name="level",
            field=models.CharField(
                choices=[
                    ("all", "Everything"),
                    ("heading", "Heading"),
                    ("scheme", "Scheme, its own lines"),
                    ("scheme-tree", "Scheme with its parts"),
                    ("theme", "Theme"),
                    ("pool", "Pool"),
                    ("recurrent", "Recurrent or not"),
                    ("saving-type", "What kind of saving"),
                    ("eliminated", "What both partners of a contract agree"),
                    ("unagreed", "What they do not; positive flatters the system"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunSQL("UPDATE finance_computation SET change = 0", migrations.RunSQL.noop),
    ]
