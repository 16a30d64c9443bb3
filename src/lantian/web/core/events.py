"""What is logged of the installation itself."""

from lantian.web.audit.registry import N_, declare

declare({"core.clock_changed": N_("Changed the speed of the demo's clock")})
