"""Where the values that arms are compared by come from."""
