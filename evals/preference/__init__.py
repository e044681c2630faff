"""Which of two sessions with the same client is better: aspects, pairing, a judge, win rates."""
