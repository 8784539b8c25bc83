"""The quality desk: findings that live, the log of what is done about them, and what reads it (docs/desk.md)."""
