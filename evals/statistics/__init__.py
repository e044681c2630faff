"""Intervals, tests, agreement and rankings for scores whose sessions share clients.

The three attitudes of one client are not independent: whatever is resampled or permuted here is a
client with all its sessions, never a session.
"""
