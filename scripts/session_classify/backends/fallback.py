"""Two callers as one: a second caller answers what the first has no tool for."""

import msgspec

from session_classify.backends.caller import Caller
from session_classify.backends.meter import Meter
from session_classify.errors import AuthError
from session_classify.queries.call import Call

AUDIT = "search_audit_logs"
"""Calls that the second caller answers: the MCP server has no tool for the audit trail."""
_NO_TOOL = "no MCP tool reads the audit trail; log in with pup, or set the API's keys"


class Fallback(msgspec.Struct, frozen=True):
    """A caller, and a second one for the audit trail, where there is one."""

    first: Caller
    audit: Caller | None

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return self.first.name

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""
        return self.first.site

    @property
    def identity(self) -> str:
        """What the answers depend on: both callers."""
        return "\n".join(one.identity for one in (self.first, self.audit) if one is not None)

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return the answer of the caller that supports the call; raises what it raises."""
        if call.tool != AUDIT:
            return self.first.ask(call, meter)
        if self.audit is None:
            raise AuthError(_NO_TOOL)
        return self.audit.ask(call, meter)

    def close(self) -> None:
        """Close both."""
        self.first.close()
        if self.audit is not None:
            self.audit.close()
