"""Triggers behind the table: what constraints of one table cannot say.

A state changes only together with its event; a stage's clock belongs to the state of its case; an
event is neither changed nor deleted, but that the number it has in the log is entered once.

On SQLite, Django makes a table anew to alter it and its triggers are gone with the old one: a later
migration of one of these tables must apply the guard again.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_KEPT = ("id", "case_id", "number", "action", "before", "after", "at", "actor_id", "actor_name",
         "post", "root_post", "role", "organisation_id", "reason", "data")  # fmt: skip


def _changed(differs: str) -> str:
    return " OR ".join(f"NEW.{c} {differs} OLD.{c}" for c in _KEPT)


_NO_EVENT = """NOT EXISTS (
  SELECT 1 FROM cases_caseevent e WHERE e.case_id = NEW.id AND e.number = NEW.version
  AND e.after = NEW.state AND (e.before = OLD.state OR OLD.version = 0))"""
_OPEN_STEP = "EXISTS (SELECT 1 FROM cases_step s WHERE s.case_id = NEW.id AND s.ended_at IS NULL)"
_OTHER_STATE = """NEW.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.state = NEW.stage)"""
_MOVED = "NEW.state <> OLD.state OR NEW.version <> OLD.version"

_RULES = {
    # name: (table, when in the life of a row, condition, what is said)
    "cases_case_event": (
        "cases_case", "UPDATE", f"({_MOVED}) AND "
        + _NO_EVENT, "a case changed without its event",
    ),
    "cases_case_clock": (
        "cases_case", "UPDATE", f"NEW.state <> OLD.state AND {_OPEN_STEP}",
        "a case changed its state with a clock running",
    ),
    "cases_case_kept": ("cases_case", "DELETE", "", "a case is never deleted"),
    "cases_step_begun": ("cases_step", "INSERT", _OTHER_STATE, "a clock of another state"),
    "cases_step_again": ("cases_step", "UPDATE", _OTHER_STATE, "a clock of another state"),
    "cases_event_kept": ("cases_caseevent", "DELETE", "", "cases_caseevent only grows"),
    "cases_event_same": (
        "cases_caseevent", "UPDATE", "OLD.audit IS NOT NULL OR {changed}",
        "cases_caseevent only grows",
    ),
}  # fmt: skip


def statements(connection: BaseDatabaseWrapper, *, make: bool) -> tuple[str, ...]:
    """Return the SQL that makes the triggers, or takes them away."""
    make_one = _postgresql if connection.vendor == "postgresql" else _sqlite
    return tuple(s for name in _RULES for s in make_one(name, make=make))


def apply(connection: BaseDatabaseWrapper, *, make: bool) -> None:
    """Make the triggers, or take them away (to undo a migration, to empty the tables of a test)."""
    with connection.cursor() as cursor:
        for statement in statements(connection, make=make):
            cursor.execute(statement)


def _sqlite(name: str, *, make: bool) -> tuple[str, ...]:
    if not make:
        return (f"DROP TRIGGER IF EXISTS {name}",)
    table, event, condition, said = _RULES[name]
    when = f"WHEN {condition.replace('{changed}', _changed('IS NOT'))}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
    )


def _postgresql(name: str, *, make: bool) -> tuple[str, ...]:
    table, event, condition, said = _RULES[name]
    if not make:
        return (
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"DROP FUNCTION IF EXISTS {name}()",
        )
    when = condition.replace("{changed}", _changed("IS DISTINCT FROM")) or "true"
    row = "OLD" if event == "DELETE" else "NEW"
    return (
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF {when} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN {row};
        END $$""",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
