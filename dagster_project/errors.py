"""Errors of the wiring, each with a message of one line that says what to do."""


class GongkaiError(Exception):
    """Anything that a run can tell a person about in one line."""


class UsageError(GongkaiError):
    """What was asked for cannot be done as asked: a missing folder, a date that is none."""


class WriterBusy(GongkaiError):
    """Somebody else writes to the working warehouse."""


class ModelsBroken(GongkaiError):
    """dbt refused the models: they do not parse, or one of them or its tests failed."""
