"""Measures of sessions: quality that is counted, scales that are judged, statistics over both."""
