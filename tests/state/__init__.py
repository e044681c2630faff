"""Tests of the types of a session and of reading intake files."""
