"""Models: embedded, fake, and any endpoint that speaks the chat-completions protocol."""
