"""The states of claims, awards and certificates."""

VALID, SUPERSEDED, VOID = "valid", "superseded", "void"


STATUS = "status IN ('valid', 'superseded', 'void')"
