"""The catalogues of languages: every sentence of reports, mails and the operators' page.

python -m tools.languages            update the catalogues from the code
python -m tools.languages --check    change nothing; exit 1 if a sentence is missing or stale
"""

import argparse
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from energytrack.languages.words import FOLDER, LANGUAGES, catalogue, untranslated
from energytrack.plant.file import Language
from tools.languages.extraction import template

WIDTH: Final = 120


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.languages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is to be done")
    check = parser.parse_args(arguments).check
    said = template()
    faults = 0
    for language in LANGUAGES:
        if language == "en":
            continue
        file, updated = FOLDER / f"{language}.po", brought_up(language, said)
        text = f"{head_of(file)}\n\n{rendered(updated)}"
        if not check:
            file.write_text(text, encoding="utf-8")
        elif file.read_text(encoding="utf-8") != text:
            print(f"{_shown(file)}: differs from what the code says: run ./et tools.languages")
            faults = 1
        missing = len(untranslated(updated))
        if missing:
            print(f"{_shown(file)}: {missing} sentences are not translated: the page does not offer this language")
            faults |= check
    return faults


def brought_up(language: Language, said: Catalog) -> Catalog:
    """The catalogue with the current sentences, in their order, and no others."""
    updated = catalogue(language)
    said.creation_date = updated.creation_date
    updated.update(said, no_fuzzy_matching=True, update_creation_date=False)
    updated.obsolete.clear()
    return updated


def head_of(file: Path) -> str:
    """The head of a catalogue, above the sentences: glossary and plural rule."""
    return file.read_text(encoding="utf-8").partition("\n\n")[0]


def rendered(catalogue: Catalog) -> str:
    """The sentences as text of a file, without the head."""
    text = BytesIO()
    write_po(text, catalogue, width=WIDTH, omit_header=True, include_lineno=False)
    return text.getvalue().decode()


def _shown(file: Path) -> str:
    return file.relative_to(Path(__file__).parents[2]).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
