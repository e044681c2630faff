"""Fine-tuning on generated sessions. Nothing is here yet."""
