"""Where in a session the client's feelings (PANAS) turn for the worse, and what was said there."""
