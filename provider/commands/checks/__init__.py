"""What the doctor looks at. A finding never repeats a secret."""

from provider.commands.checks.finding import Finding, State
from provider.commands.checks.installation import installation_findings
from provider.commands.checks.settings import settings_findings

__all__ = ["Finding", "State", "installation_findings", "settings_findings"]
