"""What a document cannot be made from, each in one line that says what can be done."""


class DocumentError(Exception):
    """A document that cannot be made as asked: an unknown name, a period that the snapshot does not cover, a template that names an unknown figure."""
