"""The same days by every way to ask for them, and by hand."""
