"""Triggers behind the register: a document is not changed or deleted, and numbers have no gaps."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "documents_document"
_KEPT = ("id", "kind", "year", "number", "code", "key", "case_id", "climb_id", "answers_id", "unit",
         "paper", "sha256", "issued_at", "issued_by_id", "post")  # fmt: skip
_NEXT = """NEW.number <> (SELECT COALESCE(MAX(d.number), 0) + 1 FROM documents_document d
  WHERE d.kind = NEW.kind AND d.year = NEW.year)"""
_CHANGED = "OLD.voided_at IS NOT NULL OR {changed}"
_RULES = {
    "documents_next": ("INSERT", _NEXT, "documents have no gaps in their numbers"),
    "documents_same": ("UPDATE", _CHANGED, "an issued document is not changed"),
    "documents_kept": ("DELETE", "", "an issued document is never deleted"),
}


def apply(connection: BaseDatabaseWrapper, *, make: bool) -> None:
    """Make the triggers, or take them away (to undo a migration, to empty the tables of a test)."""
    one = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        for name in _RULES:
            for statement in one(name, make=make):
                cursor.execute(statement)


def _condition(condition: str, differs: str) -> str:
    changed = " OR ".join(f"NEW.{c} {differs} OLD.{c}" for c in _KEPT)
    return condition.replace("{changed}", changed)


def _sqlite(name: str, *, make: bool) -> tuple[str, ...]:
    if not make:
        return (f"DROP TRIGGER IF EXISTS {name}",)
    event, condition, said = _RULES[name]
    when = f"WHEN {_condition(condition, 'IS NOT')}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
    )


def _postgresql(name: str, *, make: bool) -> tuple[str, ...]:
    if not make:
        return (
            f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}",
            f"DROP FUNCTION IF EXISTS {name}()",
        )
    event, condition, said = _RULES[name]
    when = _condition(condition, "IS DISTINCT FROM") or "true"
    row = "OLD" if event == "DELETE" else "NEW"
    return (
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {when} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN {row};
        END $$""",
        f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
