"""A method with a sixth specialist.

Nothing here is code. `methods.toml` has a technique, which is a name and what the selector is told
of it, and a method whose specialists use it. `prompts/` has the specialist's prompt, named after
the technique.
"""
