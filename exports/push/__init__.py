"""The provincial push: what must go to the province, packed, sent, answered and compared. See docs/push.md."""
