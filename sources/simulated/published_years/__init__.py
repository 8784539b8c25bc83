"""The years of published annual reports, one city a file: what the report counts, as data. What it does not tell is invented and said to be."""
