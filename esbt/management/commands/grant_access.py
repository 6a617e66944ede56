"""Give the application's database role what it needs, and no more."""

from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from psycopg2 import sql

from schemes.models.base import AppendOnly


class Command(BaseCommand):
    help = (
        "Lets a database role read and write rows. History can only be added to: it may not be "
        "changed, deleted or truncated. Run it as the owner, after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role")
        parser.add_argument(
            "--migrate", action="store_true", help="bring the database up to date first"
        )

    def handle(self, *args: Any, role: str, migrate: bool, **options: Any) -> None:
        """Grant on every table; take update and delete away again from append-only ones."""
        if migrate:
            call_command("migrate", verbosity=0)
        to = sql.Identifier(role)
        history = sql.SQL(", ").join(
            sql.Identifier(model._meta.db_table)
            for model in apps.get_models()
            if issubclass(model, AppendOnly)
        )
        statements = (
            "GRANT USAGE ON SCHEMA public TO {to}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {to}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {to}",
            "REVOKE UPDATE, DELETE ON {history} FROM {to}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {to}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}",
        )
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(to=to, history=history))
