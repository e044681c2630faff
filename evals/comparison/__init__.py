"""Comparing arms measure by measure, paired by client and attitude, and planning how many."""
