"""Hand the table of keys down to schemes, where what outcomes save finds it as well."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0011_what_pages_say"),
        ("schemes", "0007_idempotency_keys"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="IdempotencyKey")],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE finance_idempotencykey RENAME TO schemes_idempotencykey",
                    "ALTER TABLE schemes_idempotencykey RENAME TO finance_idempotencykey",
                )
            ],
        ),
    ]
