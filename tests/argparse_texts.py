"""What argparse itself says: it asks gettext, and so our catalogue, for these texts (Python 3.11 to 3.14)."""

from __future__ import annotations

TEXTS = (
    ("usage: ", ""),
    ("positional arguments", ""),
    ("options", ""),
    ("%(heading)s:", ""),
    ("show this help message and exit", ""),
    ("subcommands", ""),
    ("%(prog)s: error: %(message)s\n", ""),
    ("argument %(argument_name)s: %(message)s", ""),
    ("expected one argument", ""),
    ("expected at most one argument", ""),
    ("expected at least one argument", ""),
    ("expected %s argument", "expected %s arguments"),
    ("ignored explicit argument %r", ""),
    ("not allowed with argument %s", ""),
    ("one of the arguments %s is required", ""),
    ("the following arguments are required: %s", ""),
    ("unrecognized arguments: %s", ""),
    ("unexpected option string: %s", ""),
    ("ambiguous option: %(option)s could match %(matches)s", ""),
    ("unknown parser %(parser_name)r (choices: %(choices)s)", ""),
    ("invalid %(type)s value: %(value)r", ""),
    ("invalid choice: %(value)r (choose from %(choices)s)", ""),
    ("invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)", ""),
)

# What it says to programmers, or of what no command uses.
OTHERS = frozenset(
    {
        "'required' is an invalid argument for positionals",
        "%r is not callable",
        ".__call__() not defined",
        'argument "-" with mode %r',
        "can't open '%(filename)s': %(error)s",
        "cannot have multiple subparser arguments",
        "cannot merge actions - two groups are named %r",
        "conflicting option string: %s",
        "conflicting subparser alias: %s",
        "conflicting subparser: %s",
        "dest= is required for options like %r",
        "invalid conflict_resolution value: %r",
        "invalid option string %(option)r: must start with a character %(prefix_chars)r",
        "mutually exclusive arguments must be optional",
        "show program's version number and exit",
        " (default: %(default)s)",
        "%(prog)s: warning: %(message)s\n",
        "argument '%(argument_name)s' is deprecated",
        "command '%(parser_name)s' is deprecated",
        "option '%(option)s' is deprecated",
    }
)
