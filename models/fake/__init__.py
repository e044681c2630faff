"""The fake model: deterministic, needs nothing, and answers every role differently."""
