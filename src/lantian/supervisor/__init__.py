"""Keeps child processes alive and ends them in order; knows nothing of what they do."""

from lantian.supervisor.instance import Holder, Instance, holder
from lantian.supervisor.program import Policy, Program
from lantian.supervisor.status import ChildStatus, Status, read_status
from lantian.supervisor.supervisor import Supervisor

__all__ = [
    "ChildStatus",
    "Holder",
    "Instance",
    "Policy",
    "Program",
    "Status",
    "Supervisor",
    "holder",
    "read_status",
]
