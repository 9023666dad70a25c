"""What `cnnspec.editing` finds, turned into the answers of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsprotocol import types

from cnnspec.editing.actions import Action
from cnnspec.editing.colours import MODIFIERS, SORTS, Coloured
from cnnspec.editing.completion import Item
from cnnspec.editing.hints import Hint
from cnnspec.editing.outline import Entry, Fold
from cnnspec.editing.signature import Signature
from cnnspec.lsp.positions import Positions
from cnnspec.source import Span

LEGEND = types.SemanticTokensLegend(token_types=list(SORTS), token_modifiers=list(MODIFIERS))
_ITEM_KINDS = {
    "kind": types.CompletionItemKind.Class,
    "block": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "argument": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Reference,
    "variable": types.CompletionItemKind.Variable,
    "figure": types.CompletionItemKind.Constant,
    "function": types.CompletionItemKind.Method,
    "word": types.CompletionItemKind.EnumMember,
    "file": types.CompletionItemKind.File,
}
_SYMBOL_KINDS = {
    "model": types.SymbolKind.Module,
    "block": types.SymbolKind.Function,
    "let": types.SymbolKind.Constant,
    "input": types.SymbolKind.Interface,
    "value": types.SymbolKind.Variable,
    "variant": types.SymbolKind.EnumMember,
    "parameter": types.SymbolKind.TypeParameter,
}


def markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def inlay_hint(hint: Hint, positions: Positions) -> types.InlayHint:
    position = positions.position(hint.offset)
    edits = [types.TextEdit(types.Range(position, position), f"  {hint.annotation}")] if hint.annotation else None
    return types.InlayHint(
        position, hint.text, tooltip=markdown(hint.tooltip.replace("\n", "  \n")), padding_left=True, text_edits=edits
    )


def completion_item(item: Item, index: int, positions: Positions, snippets: bool, data: object) -> types.CompletionItem:
    """A proposal; its documentation comes when somebody looks at it."""
    text = item.snippet if snippets and item.snippet else item.text or plain(item)
    snippet = snippets and bool(item.snippet)
    return types.CompletionItem(
        label=item.label,
        kind=_ITEM_KINDS[item.sort],
        detail=item.detail or None,
        sort_text=f"{index:04}",
        text_edit=types.TextEdit(positions.range(item.span), text),
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        data=data,
    )


def plain(item: Item) -> str:
    """What is written where the editor knows no snippets."""
    return "{" if item.label.startswith("{") else item.label


def signature_help(found: Signature) -> types.SignatureHelp:
    parameters = [types.ParameterInformation((one.start, one.end), documentation=one.text) for one in found.parameters]
    information = types.SignatureInformation(
        found.label, documentation=markdown(found.text) if found.text else None, parameters=parameters
    )
    active = len(parameters) if found.active is None else found.active
    return types.SignatureHelp([information], active_signature=0, active_parameter=active)


def document_symbol(entry: Entry, positions: Positions) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=entry.name,
        detail=entry.detail or None,
        kind=_SYMBOL_KINDS[entry.sort],
        range=positions.range(entry.span),
        selection_range=positions.range(entry.name_span),
        children=[document_symbol(child, positions) for child in entry.children] or None,
    )


def folding_range(fold: Fold) -> types.FoldingRange:
    kind = types.FoldingRangeKind.Comment if fold.comment else types.FoldingRangeKind.Region
    return types.FoldingRange(fold.first - 1, fold.last - 1, kind=kind)


def code_action(
    action: Action, uri: str, positions: Positions, given: Sequence[types.Diagnostic] = ()
) -> types.CodeAction:
    """An action; of the diagnostics that the editor shows, those that it mends go with it."""
    mended = [
        one
        for one in given
        if action.diagnostic is not None
        and one.code == action.diagnostic.code
        and one.range == positions.range(action.diagnostic.span)
    ]
    return types.CodeAction(
        title=action.title,
        kind=action.sort,
        edit=types.WorkspaceEdit(changes={uri: positions.edits(action.edits)}),
        diagnostics=mended or None,
        is_preferred=action.preferred or None,
    )


def semantic_tokens(found: Iterable[Coloured], positions: Positions) -> types.SemanticTokens:
    """Five numbers a word: rows and columns relative to the word before, length, sort, modifiers."""
    data: list[int] = []
    row = column = 0
    for one in found:
        place = positions.range(one.span)
        if place.end.line != place.start.line:
            continue
        first = place.start.character - (column if place.start.line == row else 0)
        bits = sum(1 << MODIFIERS.index(name) for name in one.modifiers)
        length = place.end.character - place.start.character
        data += [place.start.line - row, first, length, SORTS.index(one.sort), bits]
        row, column = place.start.line, place.start.character
    return types.SemanticTokens(data)


def highlight(span: Span, defines: bool, positions: Positions) -> types.DocumentHighlight:
    kind = types.DocumentHighlightKind.Write if defines else types.DocumentHighlightKind.Read
    return types.DocumentHighlight(positions.range(span), kind)
