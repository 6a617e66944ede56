"""Schemes that were there before their versions were kept get the state that they are in.

It counts from the beginning: what they said earlier was overwritten, and nobody knows it.
"""

from datetime import UTC, datetime

from django.db import migrations


def keep_what_stands(apps, schema_editor) -> None:
    scheme, version = apps.get_model("schemes", "Scheme"), apps.get_model("schemes", "RowVersion")
    version.objects.bulk_create(
        version(
            table="scheme",
            row=row.pk,
            at=datetime(2000, 1, 1, tzinfo=UTC),
            values={
                item.attname: getattr(row, item.attname)
                for item in row._meta.concrete_fields
                if not item.primary_key
            },
        )
        for row in scheme.objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("schemes", "0002_schemes_in_full")]
    operations = [migrations.RunPython(keep_what_stands, migrations.RunPython.noop, elidable=True)]
