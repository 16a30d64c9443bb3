"""Triggers that let the table of events only grow, whoever writes SQL to the database."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_SQLITE = {
    "audit_event_no_update": """
        CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event only grows'); END""",
    "audit_event_no_delete": """
        CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event only grows'); END""",
    # INSERT OR REPLACE deletes without a delete trigger: only the next number may be inserted
    "audit_event_next": """
        CREATE TRIGGER audit_event_next BEFORE INSERT ON audit_event
        WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit_event)
        BEGIN SELECT RAISE(ABORT, 'audit_event has no gaps'); END""",
}
_POSTGRESQL_MAKE = (
    """
    CREATE FUNCTION audit_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit_event) THEN
          RAISE EXCEPTION 'audit_event has no gaps';
        END IF;
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'audit_event only grows';
    END $$""",
    """
    CREATE TRIGGER audit_event_rows BEFORE INSERT OR UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_guard()""",
    """
    CREATE TRIGGER audit_event_table BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_guard()""",
)
_POSTGRESQL_DROP = (
    "DROP TRIGGER IF EXISTS audit_event_rows ON audit_event",
    "DROP TRIGGER IF EXISTS audit_event_table ON audit_event",
    "DROP FUNCTION IF EXISTS audit_event_guard()",
)


def statements(connection: BaseDatabaseWrapper, *, make: bool) -> tuple[str, ...]:
    """Return the SQL that makes the triggers, or takes them away."""
    if connection.vendor == "postgresql":
        return _POSTGRESQL_MAKE if make else _POSTGRESQL_DROP
    if make:
        return tuple(_SQLITE.values())
    return tuple(f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE)


def apply(connection: BaseDatabaseWrapper, *, make: bool) -> None:
    """Make the triggers, or take them away (to undo the migration, and to try tampering)."""
    with connection.cursor() as cursor:
        for statement in statements(connection, make=make):
            cursor.execute(statement)
