"""Statements of periods: issued once from the published snapshot, never changed, and compared with what later snapshots tell."""
