"""Where the values that sides are compared by come from."""
