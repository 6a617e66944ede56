"""A plan to date with a gap in it is no longer summed: every year is worked out anew.

Its slices are behind their changes after this, so the sweep recomputes them; until then the
figures of before stay visible.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("finance", "0004_idempotency_keys")]
    operations = [
        migrations.RunSQL("UPDATE finance_computation SET change = 0", migrations.RunSQL.noop)
    ]
