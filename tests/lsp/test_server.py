"""The server as an editor meets it: a process that speaks the protocol on standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from cnnspec.api import check

ROOT = Path(__file__).parents[2]
PATIENCE = 30  # seconds, on a busy machine
CAPABILITIES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    ),
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        )
    ),
)


class Editor:
    """A client with one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("test", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.said: list[str] = []
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

        def received(found: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(found)

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(received)
        self.refreshed = asyncio.Event()

        def refresh(_: None) -> None:
            self.refreshed.set()

        self.client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)(refresh)
        self.client.feature(types.WINDOW_LOG_MESSAGE)(lambda params: self.said.append(params.message))
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.said.append(params.message))

    async def start(self, *options: str, locale: str | None = None) -> types.InitializeResult:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        await self.client.start_io(sys.executable, "-m", "cnnspec", "lsp", *options, cwd=self.folder, env=environment)
        result = await self.client.initialize_async(
            types.InitializeParams(capabilities=CAPABILITIES, root_uri=self.folder.as_uri(), locale=locale)
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> int:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process: Any = self.client._server
        code: int = await process.wait()
        await self.client.stop()
        return code

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    async def open(self, name: str, text: str) -> list[types.Diagnostic]:
        self.texts[name], self.versions[name] = text, 1
        item = types.TextDocumentItem(self.uri(name), "cnn", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.diagnostics(name)

    async def change(self, name: str, text: str) -> list[types.Diagnostic]:
        self.type(name, text)
        return await self.diagnostics(name)

    def type(self, name: str, text: str) -> None:
        self.texts[name] = text
        self.versions[name] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    async def diagnostics(self, name: str) -> list[types.Diagnostic]:
        """Those of the document as it stands."""
        while True:
            found = await self.published.get()
            if found.uri == self.uri(name) and found.version == self.versions[name]:
                return list(found.diagnostics)

    def place(self, name: str, words: str, plus: int = 0) -> types.Position:
        """Where the words begin in a document, in UTF-16 units."""
        before = self.texts[name][: self.texts[name].index(words) + plus]
        _, _, column = before.rpartition("\n")
        return types.Position(before.count("\n"), len(column.encode("utf-16-le")) // 2)

    def applied(self, name: str, edits: Any) -> str:
        """The document's text after edits."""
        text = self.texts[name]
        lines = text.split("\n")
        starts = [sum(len(line) + 1 for line in lines[:row]) for row in range(len(lines) + 1)]

        def offset(position: types.Position) -> int:
            line = lines[position.line] if position.line < len(lines) else ""
            units = line.encode("utf-16-le")[: 2 * position.character]
            return min(starts[position.line] + len(units.decode("utf-16-le")), len(text))

        for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
            text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
        return text


def with_editor(
    folder: Path, use: Callable[[Editor], Awaitable[None]], *options: str, locale: str | None = None
) -> Editor:
    editor = Editor(folder)

    async def run() -> None:
        await editor.start(*options, locale=locale)
        try:
            await use(editor)
        finally:
            assert await editor.stop() == 0

    asyncio.run(asyncio.wait_for(run(), PATIENCE))
    return editor


TEXT = """\
# é 😀: a comment in front
block stage(filters, s = 1) {
    conv filters, f=3, s=s, p=1 | relu
}
input 28x28x1
stage 8 as first
stage 16, s=2
flatten | dense 10
"""


def test_a_session(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        name = "net.cnn"
        assert [d for d in await editor.open(name, TEXT) if d.severity == types.DiagnosticSeverity.Error] == []

        (wrong,) = [
            d for d in await editor.change(name, TEXT.replace("dense 10", "dnse 10")) if str(d.code).startswith("E")
        ]
        assert wrong.code == "E201"
        assert wrong.range.start == editor.place(name, "dnse")
        assert wrong.code_description is not None
        assert wrong.code_description.href.startswith("file:")
        await mends(editor, name, wrong)
        await editor.change(name, TEXT)

        client, document = editor.client, editor.document(name)
        everything = types.Range(types.Position(0, 0), types.Position(9, 0))
        hints = await client.text_document_inlay_hint_async(types.InlayHintParams(document, everything))
        assert [hint.label for hint in hints or ()][-1] == "-> 10, 31,370 params"

        found = await client.text_document_hover_async(types.HoverParams(document, editor.place(name, "conv")))
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert "- `stage` at line 6: 28x28x1 -> 28x28x8" in found.contents.value

        await completes(editor, name)
        await finds(editor, name)

        symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
        assert [symbol.name for symbol in symbols or ()] == ["stage", "input", "first"]
        folds = await client.text_document_folding_range_async(types.FoldingRangeParams(document))
        assert [(fold.start_line, fold.end_line) for fold in folds or ()] == [(1, 2)]
        tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        assert tokens is not None
        assert len(tokens.data) % 5 == 0
        assert tokens.data[2] == len("# é 😀: a comment in front") + 1  # in UTF-16 units

        await editor.change(name, TEXT.replace("stage 16, s=2", "stage   16,s = 2"))
        edits = await client.text_document_formatting_async(
            types.DocumentFormattingParams(document, types.FormattingOptions(4, insert_spaces=True))
        )
        assert editor.applied(name, edits) == TEXT

    assert with_editor(tmp_path, session).said == []


async def mends(editor: Editor, name: str, wrong: types.Diagnostic) -> None:
    """The first quick fix leaves a text without errors."""
    context = types.CodeActionContext([wrong], only=[types.CodeActionKind.QuickFix])
    found = await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document(name), wrong.range, context)
    )
    assert found
    action = found[0]
    assert isinstance(action, types.CodeAction)
    assert action.diagnostics
    assert action.diagnostics[0].code == "E201"
    assert action.edit is not None
    assert action.edit.changes is not None
    text = editor.applied(name, action.edit.changes[editor.uri(name)])
    assert [d for d in check(text) if d.severity == "error"] == []


async def completes(editor: Editor, name: str) -> None:
    position = editor.place(name, "s=2")
    found = await editor.client.text_document_completion_async(types.CompletionParams(editor.document(name), position))
    assert isinstance(found, types.CompletionList)
    assert found.items[0].label == "s="
    other = await editor.client.text_document_completion_async(
        types.CompletionParams(editor.document(name), editor.place(name, "flatten"))
    )
    assert isinstance(other, types.CompletionList)
    (conv,) = [item for item in other.items if item.label == "conv"]
    assert conv.insert_text_format == types.InsertTextFormat.Snippet
    full = await editor.client.completion_item_resolve_async(conv)
    assert isinstance(full.documentation, types.MarkupContent)
    assert "Slides" in full.documentation.value


async def finds(editor: Editor, name: str) -> None:
    client, document, position = editor.client, editor.document(name), editor.place(name, "stage 16")
    places = await client.text_document_definition_async(types.DefinitionParams(document, position))
    assert isinstance(places, (list, tuple))
    (place,) = places
    assert isinstance(place, types.Location)
    assert place.range.start == editor.place(name, "stage(")
    context = types.ReferenceContext(include_declaration=True)
    uses = await client.text_document_references_async(types.ReferenceParams(context, document, position))
    assert len(uses or ()) == 3
    shown = await client.text_document_document_highlight_async(types.DocumentHighlightParams(document, position))
    assert len(shown or ()) == 3
    change = await client.text_document_rename_async(types.RenameParams(document, position, "part"))
    assert change is not None
    assert change.changes is not None
    text = editor.applied(name, change.changes[editor.uri(name)])
    assert text == TEXT.replace("stage", "part")
    with pytest.raises(JsonRpcException, match="word of the language"):
        await client.text_document_rename_async(types.RenameParams(document, position, "repeat"))
    help = await client.text_document_signature_help_async(
        types.SignatureHelpParams(document, editor.place(name, "16", 2))
    )
    assert help is not None
    assert help.signatures[0].label == "stage filters, s = 1"


def test_files_that_use_each_other(tmp_path: Path) -> None:
    library = "block b(n) {\n    conv n, f=3\n}\n"

    async def session(editor: Editor) -> None:
        (tmp_path / "blocks.cnn").write_text(library)
        net = 'use "blocks.cnn"\ninput 28x28x1\nb 4  -> 26x26x4\n'
        assert await editor.open("net.cnn", net) == []
        links = await editor.client.text_document_document_link_async(
            types.DocumentLinkParams(editor.document("net.cnn"))
        )
        assert [link.target for link in links or ()] == [editor.uri("blocks.cnn")]

        await editor.open("blocks.cnn", library)
        editor.type("blocks.cnn", library.replace("f=3", "f=5"))
        (wrong,) = await editor.diagnostics("net.cnn")
        assert wrong.code == "E402"
        await editor.refreshed.wait()
        editor.type("blocks.cnn", library.replace("f=3", "f=55"))
        found = await editor.diagnostics("net.cnn")
        inside = next(d for d in found if d.code == "E301")
        assert inside.range.start == types.Position(2, 0)
        assert "in blocks.cnn, line 2" in inside.message
        assert inside.related_information is not None
        assert inside.related_information[0].location.uri == editor.uri("blocks.cnn")

        await editor.change("blocks.cnn", library.replace("f=3", "f=3 | relu | relu"))
        place = editor.place("blocks.cnn", "| relu\n", 2)
        context = types.CodeActionContext([])
        offered = await editor.client.text_document_code_action_async(
            types.CodeActionParams(editor.document("blocks.cnn"), types.Range(place, place), context)
        )
        assert "allow W203 in this line" in [action.title for action in offered or ()]
        change = await editor.client.text_document_rename_async(
            types.RenameParams(editor.document("net.cnn"), types.Position(2, 0), "part")
        )
        assert change is not None
        assert set(change.changes or ()) == {editor.uri("net.cnn"), editor.uri("blocks.cnn")}

    assert with_editor(tmp_path, session).said == []


def test_variants_are_looked_at_when_nobody_types(tmp_path: Path) -> None:
    text = "model m(n = 3)\nvariant large(n = 30)\ninput 8x8x1\nconv 4, f=n\n"

    async def session(editor: Editor) -> None:
        first = await editor.open("net.cnn", text)
        assert [d.code for d in first if str(d.code).startswith("E")] == []
        later = await editor.diagnostics("net.cnn")
        assert [d.code for d in later if str(d.code).startswith("E")] == ["E301"]

    with_editor(tmp_path, session)


def test_the_configuration_of_the_folder_holds(tmp_path: Path) -> None:
    text = "input 8x8x3\nconv 4, f=3, s=2 | relu\nglobal_avgpool | dense 2\n"

    async def session(editor: Editor) -> None:
        assert [d.code for d in await editor.open("net.cnn", text)] == ["W301"]
        (tmp_path / "cnnspec.toml").write_text('ignore = ["W301"]\n')
        event = types.FileEvent((tmp_path / "cnnspec.toml").as_uri(), types.FileChangeType.Created)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        while await editor.diagnostics("net.cnn"):
            pass
        (tmp_path / "cnnspec.toml").write_text('ignroe = ["W301"]\n')
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await editor.diagnostics("net.cnn")
        while not editor.said:
            await asyncio.sleep(0.01)

    (said,) = with_editor(tmp_path, session).said
    assert "ignroe" in said


def test_small_matters(tmp_path: Path) -> None:
    """Unused names are faded, a closed document has no diagnostics left, an untitled one is served."""

    async def session(editor: Editor) -> None:
        (found,) = await editor.open("net.cnn", "let k = 3\ninput 8x8x3\nrelu\n")
        assert list(found.tags or ()) == [types.DiagnosticTag.Unnecessary]

        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document("net.cnn")))
        last = await editor.published.get()
        while last.version is not None:
            last = await editor.published.get()
        assert list(last.diagnostics) == []
        params = types.HoverParams(editor.document("net.cnn"), types.Position(0, 0))
        assert await editor.client.text_document_hover_async(params) is None

        item = types.TextDocumentItem("untitled:Untitled-1", "cnn", 1, "input 4x4x1\nconv 3, f=7\n")
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        last = await editor.published.get()
        assert (last.uri, [d.code for d in last.diagnostics]) == ("untitled:Untitled-1", ["E301"])

    assert with_editor(tmp_path, session).said == []


def test_typing_fast_ends_with_what_holds(tmp_path: Path) -> None:
    """Character by character, without waiting, and asking in between: no fault, and the last text counts."""

    async def session(editor: Editor) -> None:
        name = "net.cnn"
        await editor.open(name, "")
        for i in range(1, len(TEXT) + 1):
            editor.type(name, TEXT[:i])
            if i % 10 == 0:
                position = types.Position(TEXT[:i].count("\n"), 0)
                await editor.client.text_document_hover_async(types.HoverParams(editor.document(name), position))
        assert [d.code for d in await editor.diagnostics(name) if str(d.code).startswith("E")] == []

    assert with_editor(tmp_path, session).said == []


@pytest.mark.parametrize(
    ("options", "locale", "configured", "french"),
    [
        ((), None, "", False),
        ((), "fr", "", True),
        ((), "fr-FR", "", True),
        ((), "de", "fr", True),
        ((), "en", "fr", False),
        ((), None, "fr", True),
        (("--lang", "fr"), "en", "", True),
        (("--lang", "en"), "fr", "", False),
    ],
)
def test_the_server_speaks_the_language_of_the_editor(
    tmp_path: Path, options: tuple[str, ...], locale: str | None, configured: str, french: bool
) -> None:
    said: list[str] = []
    if configured:
        (tmp_path / "cnnspec.toml").write_text(f'lang = "{configured}"\n', encoding="utf-8")

    async def session(editor: Editor) -> None:
        said.extend(d.message for d in await editor.open("a.cnn", "input 4x4x16\nconv 120, f=7\n"))

    with_editor(tmp_path, session, *options, locale=locale)
    english = check("input 4x4x16\nconv 120, f=7\n")[0].message
    assert [not message.startswith(english) for message in said] == [french]


def test_a_fault_is_told_in_the_log_and_ends_nothing() -> None:
    from cnnspec.lsp import server

    class Broken:
        language = "en"

        def __init__(self) -> None:
            self.said: list[str] = []

        def at(self, uri: str) -> None:
            raise ZeroDivisionError(uri)

        def fault(self, what: str, error: Exception) -> None:
            self.said.append(f"{what}: {error!r}")

    params = types.HoverParams(types.TextDocumentIdentifier("file:///a.cnn"), types.Position(0, 0))
    answer: Any = server.hover
    broken = Broken()
    assert answer(broken, params) is None
    assert broken.said == ["textDocument/hover: ZeroDivisionError('file:///a.cnn')"]
