"""People who are treated: names as the world has them, contacts and health fields encrypted."""
