"""What a database is made of, for holding two against each other."""

from collections.abc import Callable, Iterable
from typing import Any

# each without the order of columns and without names that are made from a table's first name
_PARTS = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
               column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": """
        SELECT tablename, regexp_replace(indexdef, 'INDEX [^ ]+ ON', 'INDEX ON')
        FROM pg_indexes WHERE schemaname = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT tgrelid::regclass::text, pg_get_triggerdef(pg_trigger.oid), prosrc
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal""",
}


OURS = ("schemes_", "finance_", "outcomes_")


def schema_of(query: Callable[[str], Iterable[Any]]) -> dict[str, list[Any]]:
    """Columns, indexes, constraints and triggers of our tables, each in an order of its own."""
    return {
        part: sorted(repr(row) for row in query(sql) if row[0].startswith(OURS))
        for part, sql in _PARTS.items()
    }
