"""The blind rating kit: one HTML page for human experts, the key to it, and their answers."""
