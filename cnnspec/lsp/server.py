"""The server: each request of the protocol, a few lines over `cnnspec.editing`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from cnnspec.diagnostics import Edit
from cnnspec.editing.analysis import Analysis
from cnnspec.editing.workspace import NotOpen
from cnnspec.language import LANGUAGES, speaking
from cnnspec.lsp import answers
from cnnspec.lsp.positions import Positions
from cnnspec.lsp.problems import problems
from cnnspec.lsp.state import Checks, Documents
from cnnspec.source import Span
from cnnspec.version import __version__

if TYPE_CHECKING:
    from cnnspec.editing.names import Symbol

WATCHED = ("**/*.cnn", "**/cnnspec.toml", "**/pyproject.toml", "**/.gitignore")
Answer = TypeVar("Answer")


class Server(LanguageServer):
    """The language server of `.cnn` files.

    Texts come whole with each change: rows and columns of half-typed texts cannot get out of step that way.
    """

    def __init__(self) -> None:
        super().__init__("cnnspec", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.documents = Documents()
        self.checks = Checks(self.documents, self.publish, self.refresh)
        self.told = ""
        self.language = "en"
        self.follows_editor = True  # where nobody has asked for a language on the command line

    def at(self, uri: str) -> tuple[Analysis, Positions]:
        """What is known of a document, as it stands at this moment."""
        analysis = self.documents.analysis(self.documents.path(uri))
        return analysis, self.documents.positions(analysis.source)

    def publish(self, path: str, analysis: Analysis) -> None:
        """Sends the errors and findings of a document."""
        positions = self.documents.positions(analysis.source)
        found = problems(analysis, positions, self.documents.positions)
        uri = self.documents.uri(path)
        document = self.workspace.text_documents.get(uri)
        version = document.version if document is not None else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))
        self._tell_problem()

    def refresh(self) -> None:
        """Asks the editor to ask for all hints once more, where it knows this request."""
        known = self.client_capabilities.workspace
        if known and known.inlay_hint and known.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def _tell_problem(self) -> None:
        """A configuration that cannot be read is said once."""
        problem = self.documents.problem
        if problem and problem != self.told:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, problem))
        self.told = problem

    def fault(self, what: str, error: Exception) -> None:
        """Says in the editor's log what went wrong here; the user's work goes on."""
        import traceback

        text = "".join(traceback.format_exception(error))
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"{what}: {text}"))


server = Server()


def feature(name: str, options: Any = None) -> Callable[[Callable[..., Answer]], Callable[..., Answer | None]]:
    """Registers the answer to a request. A fault goes into the log, and the editor gets no answer."""

    def register(answer: Callable[..., Answer]) -> Callable[..., Answer | None]:
        def safe(ls: Server, params: Any) -> Answer | None:
            try:
                with speaking(ls.language):
                    return answer(ls, params)
            except JsonRpcException:
                raise
            except NotOpen:  # a request that was on its way when the document was closed
                return None
            except Exception as error:  # noqa: BLE001  (a fault of ours must not end the user's session)
                ls.fault(name, error)
                return None

        return server.feature(name, options)(safe)

    return register


# --- documents -------------------------------------------------------------------------------------------------------


@feature(types.INITIALIZE)
def initialize(ls: Server, params: types.InitializeParams) -> None:
    """The editor says in which language it speaks; where it does not, the configuration may."""
    if not ls.follows_editor:
        return
    folder = uris.to_fs_path(params.root_uri) if params.root_uri else None
    for wanted in (params.locale, ls.documents.language(folder or os.getcwd())):
        name = (wanted or "").replace("_", "-").partition("-")[0].lower()
        if name in LANGUAGES:
            ls.language = name
            return


@feature(types.INITIALIZED)
def initialized(ls: Server, _: types.InitializedParams) -> None:
    ls.documents.codec = ls.workspace.position_codec
    watching = ls.client_capabilities.workspace and ls.client_capabilities.workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in WATCHED])
        name = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        ls.client_register_capability(types.RegistrationParams([types.Registration("cnnspec-files", name, options)]))


@feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    path = ls.documents.path(params.text_document.uri)
    ls.documents.put(path, params.text_document.text)
    ls.checks.soon(path)


@feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    path = ls.documents.path(params.text_document.uri)
    ls.documents.put(path, ls.workspace.get_text_document(params.text_document.uri).source)
    ls.checks.soon(path)


@feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.checks.soon(ls.documents.path(params.text_document.uri))


@feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    path = ls.documents.path(uri)
    ls.checks.forget(path)
    ls.documents.close(path)
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


@feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def files_changed(ls: Server, _: types.DidChangeWatchedFilesParams) -> None:
    """Configuration or used files have changed on disk."""
    ls.documents.reload()
    for path in ls.documents.paths:
        ls.checks.soon(path)


# --- reading ---------------------------------------------------------------------------------------------------------


@feature(types.TEXT_DOCUMENT_HOVER)
def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    from cnnspec.editing.hover import hover as find

    analysis, positions = ls.at(params.text_document.uri)
    found = find(analysis, positions.offset(params.position))
    return types.Hover(answers.markdown(found.text), positions.range(found.span)) if found else None


@feature(types.TEXT_DOCUMENT_INLAY_HINT)
def inlay_hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
    from cnnspec.editing.hints import hints

    analysis, positions = ls.at(params.text_document.uri)
    users = ls.documents.users(analysis.source.filename) if analysis.network is None else ()
    found = hints(analysis, users, positions.span(params.range))
    return [answers.inlay_hint(hint, positions) for hint in found]


@feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def document_symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    from cnnspec.editing.outline import outline

    analysis, positions = ls.at(params.text_document.uri)
    return [answers.document_symbol(entry, positions) for entry in outline(analysis)]


@feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding_ranges(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    from cnnspec.editing.outline import folds

    return [answers.folding_range(fold) for fold in folds(ls.at(params.text_document.uri)[0])]


@feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
def document_links(ls: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    from cnnspec.editing.outline import links

    analysis, positions = ls.at(params.text_document.uri)
    return [
        types.DocumentLink(positions.range(span), target=ls.documents.uri(path))
        for span, path in links(analysis)
        if os.path.isfile(path) or path in ls.documents
    ]


@feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, answers.LEGEND)
def semantic_tokens(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens:
    from cnnspec.editing.colours import colours

    analysis, positions = ls.at(params.text_document.uri)
    return answers.semantic_tokens(colours(analysis), positions)


@feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, answers.LEGEND)
def semantic_tokens_in_range(ls: Server, params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
    from cnnspec.editing.colours import colours

    analysis, positions = ls.at(params.text_document.uri)
    return answers.semantic_tokens(colours(analysis, positions.span(params.range)), positions)


# --- names -----------------------------------------------------------------------------------------------------------


@feature(types.TEXT_DOCUMENT_DEFINITION)
def definition(ls: Server, params: types.DefinitionParams) -> list[types.Location]:
    from cnnspec.editing.outline import links
    from cnnspec.editing.renaming import definitions, symbol_at

    analysis, positions = ls.at(params.text_document.uri)
    offset = positions.offset(params.position)
    for span, path in links(analysis):
        if span.start <= offset <= span.end:
            start = types.Position(0, 0)
            return [types.Location(ls.documents.uri(path), types.Range(start, start))]
    found = symbol_at(analysis, offset)
    if found is None or found.symbol is None:
        return []
    source = found.symbol.source
    there = ls.documents.positions(source)
    uri = ls.documents.uri(os.path.normpath(source.filename))
    return [types.Location(uri, there.range(place.span)) for place in definitions(found.symbol)]


@feature(types.TEXT_DOCUMENT_REFERENCES)
def references(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
    from cnnspec.editing.renaming import places

    analysis, positions = ls.at(params.text_document.uri)
    found = analysis.names.at(positions.offset(params.position))
    if found is None or found.symbol is None:
        return []
    family = {one.source.filename: one for one in _family(ls, analysis, found.symbol)}
    return [
        types.Location(
            ls.documents.uri(place.filename), ls.documents.positions(family[place.filename].source).range(place.span)
        )
        for place in places(found.symbol, family.values())
        if params.context.include_declaration or not place.defines
    ]


@feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def document_highlights(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    analysis, positions = ls.at(params.text_document.uri)
    found = analysis.names.at(positions.offset(params.position))
    if found is None or found.symbol is None:
        return []
    return [answers.highlight(one.span, one.defines, positions) for one in analysis.names.of(found.symbol)]


@feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: Server, params: types.PrepareRenameParams) -> types.Range:
    from cnnspec.editing.renaming import Refused, prepare

    analysis, positions = ls.at(params.text_document.uri)
    try:
        return positions.range(prepare(analysis, positions.offset(params.position)))
    except Refused as refused:
        raise _refusal(refused) from None


@feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def rename(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit:
    from cnnspec.editing.renaming import Refused, prepare, symbol_at
    from cnnspec.editing.renaming import rename as change

    analysis, positions = ls.at(params.text_document.uri)
    offset = positions.offset(params.position)
    try:
        prepare(analysis, offset)
        found = symbol_at(analysis, offset)
        assert found is not None
        assert found.symbol is not None
        family = _family(ls, analysis, found.symbol)
        edits = change(analysis, offset, params.new_name, family, ls.documents.again)
    except Refused as refused:
        raise _refusal(refused) from None
    sources = {one.source.filename: one.source for one in family}
    changes = {
        ls.documents.uri(file): ls.documents.positions(sources[file]).edits(made) for file, made in edits.items()
    }
    return types.WorkspaceEdit(changes=changes)


def _family(ls: Server, analysis: Analysis, symbol: Symbol) -> list[Analysis]:
    """The texts in which a name may occur."""
    return ls.documents.family(analysis.source.filename, symbol.name, symbol.source.filename)


def _refusal(error: Exception) -> JsonRpcException:
    return JsonRpcException(message=str(error), code=types.LSPErrorCodes.RequestFailed.value)


# --- writing ---------------------------------------------------------------------------------------------------------


@feature(
    types.TEXT_DOCUMENT_COMPLETION,
    types.CompletionOptions(trigger_characters=["=", "|", "(", '"', "/", ">"], resolve_provider=True),
)
def completion(ls: Server, params: types.CompletionParams) -> types.CompletionList:
    from cnnspec.editing.completion import completion as find

    analysis, positions = ls.at(params.text_document.uri)
    offset = positions.offset(params.position)
    snippets = _snippets(ls)
    items = [
        answers.completion_item(
            item, i, positions, snippets, {"uri": params.text_document.uri, "offset": offset, "sort": item.sort}
        )
        for i, item in enumerate(find(analysis, offset))
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def _snippets(ls: Server) -> bool:
    document = ls.client_capabilities.text_document
    item = document and document.completion and document.completion.completion_item
    return bool(item and item.snippet_support)


@feature(types.COMPLETION_ITEM_RESOLVE)
def completion_item(ls: Server, item: types.CompletionItem) -> types.CompletionItem:
    from cnnspec.editing.completion import documentation

    data: Any = item.data
    analysis, _ = ls.at(data["uri"])
    text = documentation(analysis, item.label, data["sort"], data["offset"])
    item.documentation = answers.markdown(text) if text else None
    return item


@feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(trigger_characters=[" ", ",", "="]))
def signature_help(ls: Server, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    from cnnspec.editing.signature import signature

    analysis, positions = ls.at(params.text_document.uri)
    found = signature(analysis, positions.offset(params.position))
    return answers.signature_help(found) if found else None


@feature(types.TEXT_DOCUMENT_FORMATTING)
def formatting(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    return _formatted(ls, params.text_document.uri, None)


@feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
def range_formatting(ls: Server, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    return _formatted(ls, params.text_document.uri, params.range)


def _formatted(ls: Server, uri: str, within: types.Range | None) -> list[types.TextEdit]:
    from cnnspec.editing.layout import formatting as edits

    analysis, positions = ls.at(uri)
    found: list[Edit] = edits(analysis.source, positions.span(within) if within else None)
    return positions.edits(found)


@feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(code_action_kinds=["quickfix", "refactor.rewrite", "source.fixAll.cnnspec"]),
)
def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    from cnnspec.editing.actions import actions, fix_all

    uri = params.text_document.uri
    analysis, positions = ls.at(uri)
    span: Span = positions.span(params.range)

    def again(text: str) -> Analysis:
        return ls.documents.again(analysis, {os.path.realpath(analysis.source.filename): text})

    told = ls.documents.told(analysis.source.filename)
    found = list(actions(analysis, span, again, told))
    everything = fix_all(analysis, told)
    if everything is not None:
        found.append(everything)
    wanted = params.context.only
    return [
        answers.code_action(action, uri, positions, params.context.diagnostics)
        for action in found
        if wanted is None or any(action.sort == kind or action.sort.startswith(f"{kind}.") for kind in wanted)
    ]
