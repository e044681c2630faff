"""Experiments: sessions generated, judged, compared and reported by one resumable command."""
