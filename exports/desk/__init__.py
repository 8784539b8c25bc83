"""What leaves the quality desk and comes back to it: a workbook for each county, and its corrections as a delivery. See docs/desk.md."""
