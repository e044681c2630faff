"""The report on runs: one HTML page that needs no network, and tables in LaTeX."""
