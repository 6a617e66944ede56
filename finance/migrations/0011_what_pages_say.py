"""Sums of forecasts say of which months they are: all is worked out anew, as in 0005."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0010_reserves_and_contingency"),
    ]

    operations = [
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
        migrations.RunSQL("UPDATE finance_computation SET change = 0", migrations.RunSQL.noop),
    ]
