"""`python -m control_api audit …`: verify the audit log, and export it."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from energytrack.security.audit import AuditEntry, ChainHead, Chains
from energytrack.store.operations.audit import Audit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs to a parser."""
    verbs = parser.add_subparsers(dest="audit_verb", required=True)
    verify = verbs.add_parser("verify", help="check that no entry was changed, replaced or left out")
    verify.add_argument("--file", type=Path, help="an export to check, instead of the database")
    verify.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="STREAM=NUMBER:HASH",
        help="an entry that you noted earlier and that must still be there; can be repeated",
    )
    verbs.add_parser("export", help="print all entries, one JSON object a line")


def run(arguments: argparse.Namespace, audit: Audit) -> int:
    """Run a verb; returns the exit code: 1 if a chain is broken."""
    if arguments.audit_verb == "export":
        for entry in audit.entries():
            sys.stdout.write(msgspec.json.encode(entry).decode() + "\n")
        return 0
    try:
        noted = dict(_head(text) for text in arguments.head)
    except ValueError:
        sys.stderr.write("a head is STREAM=NUMBER:HASH, as `audit verify` prints it\n")
        return 2
    if arguments.file is None:
        return verify(audit.entries(), noted, sys.stdout)
    with arguments.file.open(encoding="utf-8") as lines:
        return verify((msgspec.json.decode(line, type=AuditEntry) for line in lines if line.strip()), noted, sys.stdout)


def verify(entries: Iterator[AuditEntry], noted: dict[str, ChainHead], out: TextIO) -> int:
    """Print what is broken, then the head of each stream; returns the exit code."""
    chains = Chains()
    faults = list(chains.check(entries, noted))
    for fault in faults:
        out.write(f"{fault}\n")
    for stream, head in sorted(chains.heads.items()):
        out.write(f"{stream}={head.number}:{head.hash}\n")
    out.write(f"{_counted(len(faults), 'fault')} in {_counted(len(chains.heads), 'stream')}\n")
    return 1 if faults else 0


def _head(text: str) -> tuple[str, ChainHead]:
    stream, _, place = text.partition("=")
    number, _, digest = place.partition(":")
    if not stream or not digest:
        raise ValueError(text)
    return stream, ChainHead(int(number), digest)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
