"""What may be wrong with the files beside a plant file."""


class UnusablePlantFile(Exception):
    """A file next to the plant file cannot be used.

    The message names the line, what was expected and what was found.
    """
