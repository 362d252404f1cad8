"""How old what a response is made of is, while the database does not answer in time."""

import flask


def note_age(seconds: float) -> None:
    """Note that the response to the current request is made of something this old; the oldest counts."""
    if flask.has_request_context():
        flask.g.age_seconds = max(noted_age() or 0.0, seconds)


def noted_age() -> float | None:
    """The age of the current response, in seconds; None if all of it is new."""
    seconds: float | None = flask.g.get("age_seconds")
    return seconds
