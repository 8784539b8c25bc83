"""Registers of the offices of published cities, one kind a file: as many records as the annual report counts."""
