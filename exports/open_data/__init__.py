"""A data package for open-data portals: tables as CSV and Parquet with their description. See docs/documents.md."""
