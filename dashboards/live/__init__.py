"""The live app: the published snapshot behind a sign-in, with filters down to the delivered row, and the quality desk."""
