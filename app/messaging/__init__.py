"""Email and text messages: templates, an encrypted outbox, and the truth about delivery."""
