"""The catalogues of the program's texts: `python -m tests.catalogue` brings them up to date.

It collects the texts from the source, the reference of the layers and the pages of the codes, writes them into
`cnnspec/locale/fr/LC_MESSAGES/cnnspec.po` – new ones without a translation, those that are gone left out – and
compiles that to `cnnspec.mo`. The same texts and translations give the same two files, byte for byte.
"""

from __future__ import annotations

import inspect
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cnnspec import layers
from cnnspec.language import DOMAIN, FOLDER, LANGUAGES
from cnnspec.report import pages
from tests import argparse_texts
from tests.extraction import CODE, PLACEHOLDER, ROOT, Text, has_words, search

TRANSLATED = [language for language in LANGUAGES if language != "en"]
WIDTH = 100

NO_BREAK = "\u00a0"
QUOTED = re.compile(rf"«{NO_BREAK}[^«»]*{NO_BREAK}»")  # such as the English title of a paper, which keeps its own signs
EXAMPLE = re.compile(r"^  (?:cnnspec|git|cat) \S.*?(?=  |$)", re.MULTILINE)  # in the help of a command
TYPOGRAPHY = {
    "fr": {
        "a no-break space belongs before the sign": rf"\S*([^{NO_BREAK}\s;:?!]| )[;:?!](?=[\s)»]|$)",
        "a no-break space belongs inside the guillemets": rf"«[^{NO_BREAK}]|[^{NO_BREAK}]»",
        "a no-break space belongs before %": r"\w ?%(?!\()",
        "the quotes of French are « »": r"[“”„]|(?<!pip install )\"[^\"\n]*\"",
        "the apostrophe is '": r"\S*’\S*",
    },
}

HEADER = """\
# The texts of cnnspec in another language. How to add one, or to mend one: docs/how-to/translate.md.
#"""


class Translations(Catalog):
    """A catalogue whose header says nothing that changes by itself: no date, no version."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "cnnspec"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


class Entry:
    """A text with its plural and the files that say it, in which order they are found."""

    def __init__(self, one: str) -> None:
        self.one = one
        self.many = ""
        self.files: list[str] = []

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.one, self.many) if self.many else self.one

    @property
    def flags(self) -> set[str]:
        found = list(PLACEHOLDER.finditer(self.one + self.many))
        return ({"python-brace-format"} if any(match[1] for match in found) else set()) | (
            {"python-format"} if any(match[0].startswith("%") for match in found) else set()
        )


def of_layers() -> Iterator[Text]:
    """What `cnnspec layers KIND` shows of the layer kinds: description, size rule, arguments, source."""
    for kind in layers.all_kinds():
        file = f"cnnspec/layers/{kind.name}.py"
        for paragraph in pages.paragraphs(inspect.getdoc(type(kind)) or ""):
            yield Text(paragraph, "", file, 0)
        for text in (kind.formula, *(argument.doc for argument in kind.arguments), kind.source):
            yield Text(text, "", file, 0)


def of_pages() -> Iterator[Text]:
    """The paragraphs of the pages of the codes."""
    for path in sorted(Path(pages.FOLDER).glob("*.md")):
        for paragraph in filter(pages.is_prose, pages.paragraphs(path.read_text(encoding="utf-8"))):
            yield Text(paragraph, "", path.relative_to(ROOT).as_posix(), 0)


def of_argparse() -> Iterator[Text]:
    """What argparse says by itself in the help of a command, and of wrong usage."""
    for one, many in argparse_texts.TEXTS:
        yield Text(one, many, "tests/argparse_texts.py", 0)


def entries() -> list[Entry]:
    """Every text that has words, once, by file and then in the order of the file."""
    texts = sorted([*search().texts, *of_layers(), *of_pages(), *of_argparse()], key=lambda text: text.file)
    found: dict[str, Entry] = {}
    for text in filter(lambda text: has_words(text.one + text.many), texts):
        entry = found.setdefault(text.one, Entry(text.one))
        if text.many and entry.many not in ("", text.many):
            raise ValueError(f"{text.file}: {text.one!r} has two plurals: {entry.many!r}, {text.many!r}")
        entry.many = entry.many or text.many
        if text.file not in entry.files:
            entry.files.append(text.file)
    return list(found.values())


def path_of(language: str, suffix: str = "po") -> Path:
    return Path(FOLDER) / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def read(language: str) -> Catalog:
    """The catalogue as it lies in the repository; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Translations(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated(language: str, old: Catalog) -> Translations:
    """The catalogue of today's texts, with the translations that the old one has for them."""
    new = Translations(language, header_comment=HEADER, fuzzy=False)
    for entry in entries():
        known = old.get(entry.id)
        kept = known.string if known is not None and isinstance(known.string, str) == isinstance(entry.id, str) else ""
        locations = [(file, 0) for file in entry.files]
        message = new.add(entry.id, kept, locations, user_comments=known.user_comments if known is not None else ())
        message.flags = entry.flags | ({"fuzzy"} if known is not None and known.fuzzy else set())
    return new


def written(catalog: Catalog) -> bytes:
    """The text of the catalogue: what lies in `cnnspec.po`."""
    file = io.BytesIO()
    write_po(file, catalog, width=WIDTH, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it: what lies in `cnnspec.mo`."""
    same = Translations(catalog.locale)
    for message in catalog:
        if message.id:
            same[message.id] = message
    file = io.BytesIO()
    write_mo(file, same)
    return file.getvalue()


def missing(catalog: Catalog) -> list[Message]:
    """The texts without a translation, and those whose translation is a guess."""
    return [message for message in catalog if message.id and (message.fuzzy or not all(strings(message)))]


def strings(message: Message) -> tuple[str, ...]:
    """The translation of a text, each plural form of it."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def ids(message: Message) -> tuple[str, ...]:
    """The text itself, or its singular and plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def faults(message: Message, language: str = "fr") -> list[str]:
    """What is wrong with a translation as it stands; nothing of one that is missing."""
    found: list[str] = []
    signs = TYPOGRAPHY.get(language, {})
    for text, string in zip(ids(message), strings(message), strict=True):
        if text and string:
            found += _differences(text, string, message)
            found += [f"{why}: {m[0]!r}" for why, sign in signs.items() for m in re.finditer(sign, prose(string))]
            found += ["begins or ends with another blank"] if _edges(text) != _edges(string) else []
    return found


def prose(text: str) -> str:
    """The text with `x` in place of each piece of code, placeholder, command of an example and quotation."""
    for pattern in (EXAMPLE, CODE, PLACEHOLDER):
        text = pattern.sub("x", text)
    return QUOTED.sub(f"«{NO_BREAK}x{NO_BREAK}»", text)


def _differences(text: str, string: str, message: Message) -> Iterator[str]:
    allowed = {match[0] for one in ids(message) for match in PLACEHOLDER.finditer(one)}  # "one blank", "{n} blanks"
    names, given = ({match[0] for match in PLACEHOLDER.finditer(one)} for one in (text, string))
    if not names <= given <= (allowed if text is ids(message)[0] else names):
        yield f"the placeholders differ: {sorted(names)} and {sorted(given)}"
    for what, pattern in (("the pieces of code", CODE), ("the commands", EXAMPLE)):
        ours, theirs = ({" ".join(match[0].split()) for match in pattern.finditer(one)} for one in (text, string))
        if ours != theirs:
            yield f"{what} differ: {sorted(ours - theirs)} and {sorted(theirs - ours)}"


def _edges(text: str) -> tuple[str, str]:
    stripped = text.strip()
    before, _, after = text.partition(stripped)
    return before, after


def save(catalog: Catalog, language: str) -> None:
    """Writes both files of a language."""
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_bytes(written(catalog))
    path_of(language, "mo").write_bytes(compiled(catalog))


def main() -> int:
    for language in TRANSLATED:
        catalog = updated(language, read(language))
        save(catalog, language)
        for message in catalog:
            for fault in faults(message, language):
                sys.stdout.write(f"{ids(message)[0]!r}: {fault}\n")
        sys.stdout.write(f"{path_of(language)}: {len(catalog)} texts, {len(missing(catalog))} not yet translated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
