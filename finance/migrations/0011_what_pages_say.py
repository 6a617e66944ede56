"""Sums of forecasts say of which months they are: all is worked out anew, as in 0005."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0010_reserves_and_contingency"),
        ("schemes", "0006_administration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reminder",
            name="reminded_once",
        ),
        migrations.RemoveConstraint(
            model_name="upload",
            name="upload_month",
        ),
        migrations.AddField(
            model_name="rollup",
            name="forecast_month_last",
            field=models.PositiveSmallIntegerField(help_text="The newest used", null=True),
        ),
        migrations.AddField(
            model_name="rollup",
            name="forecasts_behind",
            field=models.PositiveIntegerField(
                default=0, help_text="Lines that still run and whose latest is of an earlier month"
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("soon", "The deadline is near"),
                    ("late", "The deadline has passed"),
                    ("waits", "A return waits for approval"),
                    ("close", "A system's month is not closed in time"),
                ],
                max_length=5,
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="partner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schemes.partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("user", "kind", "slice", "partner", "month", "about"),
                name="reminded_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("month", None), ("month__range", (1, 13)), _connector="OR"),
                name="upload_month",
            ),
        ),
        migrations.RunSQL("UPDATE finance_computation SET change = 0", migrations.RunSQL.noop),
    ]
