"""Measures of sessions: so far the flaws that published data is known for."""
