"""The documents that are handed in: statistics tables, annual report, reports of transactions, bulletin, registers, notices, lists. See docs/documents.md."""
