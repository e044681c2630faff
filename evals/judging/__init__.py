"""Judging as Inspect tasks: a session is a sample, a sheet is a scorer with a value per item."""
