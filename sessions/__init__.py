"""Sessions: played, resumed, looked into, brought in and out; no word of a terminal."""
