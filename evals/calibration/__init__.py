"""Whether a judge can tell bad sessions from good ones: twelve dialogues in a known order."""
