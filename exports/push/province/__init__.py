"""A provincial endpoint for tests and demonstrations: a real HTTP server with its own store, which judges records as a receiver does.

It reads packages by its own means and shares with the sender only the schemas, as a real province would.
"""
