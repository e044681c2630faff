"""Scales as data: what a judge is asked, the shape of its answer, and what the answers come to."""
