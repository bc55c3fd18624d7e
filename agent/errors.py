"""Every error raised on purpose. The subclass says what happens next; the adapters map library errors to these."""


class AgentError(Exception):
    """Root of every error raised on purpose; the subclass says what to do next."""


class RetryableError(AgentError):
    """May succeed later, unchanged: back off and try again."""


class DataError(AgentError):
    """A message that can never succeed: quarantine it, count it, go on."""


class FatalError(AgentError):
    """Nothing can go on: exit non-zero and let the service manager decide."""
