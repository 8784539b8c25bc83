"""Questions asked of a published snapshot: why a verdict, why a rate moved, what if a rule were another, what falls due. Nothing here writes to it."""
