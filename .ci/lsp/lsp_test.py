"""Holds a conversation with the language server by a client of another maker, pytest-lsp, which
refuses what the protocol does not have and what a certain editor can't take: what is told, offered
and answered while somebody writes a deployment.

    python3 .ci/lsp/lsp_test.py target/release/syncgate FOLDER-OF-INSTALL
"""

import asyncio
import pathlib
import sys
import tempfile

BINARY, INSTALLED = sys.argv[1:]
sys.path.insert(0, INSTALLED)

from lsprotocol import types as lsp  # noqa: E402
from pygls.exceptions import JsonRpcException  # noqa: E402
from pytest_lsp import ClientServerConfig, client_capabilities  # noqa: E402

DEPLOYMENT = """[deployment]
commerce-version = "10.0.40"
as-of = 2026-11-20T08:00:00Z

[features.edit-customers-async]
enabled = true

[[functionality-profile]]
id = "STORE"

[[functionality-profile]]
id = "MALL"

[[channel-schema]]
name = "AX7"

[[offline-profile]]
name = "Tills 😀"
pause-offline-synchronization = true

[[waiver]]
code = "SG162"
subject = "houston"
reason = "r"
owner = "o"
"""
CHANNELS = """[[channel]]
id = "houston"
kind = "store"
supports-offline = true
offline-profile = "Tills 😀"
functionality-profile = "STROE"
"""


class Editor:
    """An editor with a deployment of two files, the second of which is not saved."""

    def __init__(self, client, folder):
        self.client, self.folder, self.version = client, folder, 1

    def document(self, name):
        return lsp.TextDocumentIdentifier((self.folder / name).as_uri())

    def open(self, name, text):
        item = lsp.TextDocumentItem(self.document(name).uri, "toml", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def write(self, name, text):
        self.version += 1
        uri = self.document(name).uri
        document = lsp.VersionedTextDocumentIdentifier(self.version, uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def told(self, name, holds):
        """What is told of a file, once that is as it should be."""
        for _ in range(200):
            found = self.client.diagnostics.get(self.document(name).uri, [])
            if holds(found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{name} is told {self.client.diagnostics}")

    async def ask(self, request, name, line, character, **more):
        """What a request about a place is answered."""
        asked = getattr(self.client, f"text_document_{request}_async")
        kind = {"completion": lsp.CompletionParams, "hover": lsp.HoverParams}
        kind |= {"definition": lsp.DefinitionParams, "references": lsp.ReferenceParams}
        kind |= {"rename": lsp.RenameParams, "prepare_rename": lsp.PrepareRenameParams}
        place = lsp.Position(line, character)
        return await asked(kind[request](text_document=self.document(name), position=place, **more))


def after(text, edits):
    """A text after edits in UTF-16."""
    lines = text.splitlines(keepends=True) + [""]

    def at(position):
        line = lines[position.line].encode("utf-16-le")
        inside = len(line[: 2 * position.character].decode("utf-16-le"))
        return sum(map(len, lines[: position.line])) + inside

    for edit in sorted(edits, key=lambda it: at(it.range.start), reverse=True):
        text = text[: at(edit.range.start)] + edit.new_text + text[at(edit.range.end) :]
    return text


async def converse(editor):
    named = lambda found, code: [it for it in found if it.code == code]
    editor.open("channels.toml", CHANNELS)
    found = await editor.told("channels.toml", lambda it: named(it, "SG006"))
    dangling = named(found, "SG006")[0]
    assert dangling.source == "syncgate" and dangling.severity == lsp.DiagnosticSeverity.Error
    start, end = dangling.range.start, dangling.range.end
    assert (start.line, start.character, end.character) == (5, 24, 31), dangling.range

    # The other file of the deployment, which nobody has open, is told of too; what is waived is
    # a hint of what may be passed over.
    found = await editor.told("deployment.toml", lambda it: named(it, "SG162"))
    waived = named(found, "SG162")[0]
    assert waived.severity == lsp.DiagnosticSeverity.Hint, waived
    assert list(waived.tags) == [lsp.DiagnosticTag.Unnecessary], waived

    # The nearest name.
    context = lsp.CodeActionContext([dangling])
    asked = lsp.CodeActionParams(editor.document("channels.toml"), dangling.range, context)
    actions = await editor.client.text_document_code_action_async(asked)
    mend = next(it for it in actions if it.title == "Write `STORE`")
    text = after(CHANNELS, mend.edit.changes[editor.document("channels.toml").uri])
    assert text == CHANNELS.replace("STROE", "STORE"), text
    editor.write("channels.toml", text)
    await editor.told("channels.toml", lambda it: it and not named(it, "SG006"))

    # Words, in a text that is not closed.
    editor.write("channels.toml", text + '\n[[channel]]\nkind = "on')
    offered = await editor.ask("completion", "channels.toml", 8, 10)
    assert {it.label for it in offered.items} == {"store", "online", "call-center"}, offered
    editor.write("channels.toml", text)

    hover = await editor.ask("hover", "deployment.toml", 4, 14)
    assert "**blocked**" in hover.contents.value, hover.contents.value

    # Behind a letter that is two units of UTF-16 and four bytes of UTF-8.
    place = await editor.ask("definition", "channels.toml", 4, 27)
    place = place[0] if isinstance(place, list) else place
    assert place.uri == editor.document("deployment.toml").uri and place.range.start.line == 17
    assert (place.range.start.character, place.range.end.character) == (8, 16), place.range

    renamed = await editor.ask("prepare_rename", "channels.toml", 1, 8)
    assert renamed.placeholder == "houston", renamed
    renamed = await editor.ask("rename", "channels.toml", 1, 8, new_name="dallas")
    changed = renamed.changes[editor.document("deployment.toml").uri]
    assert 'subject = "dallas"' in after(DEPLOYMENT, changed), changed
    try:
        await editor.ask("rename", "channels.toml", 5, 26, new_name="mall")
        raise AssertionError("a name in use is refused")
    except JsonRpcException as refused:
        assert "in use" in str(refused), refused

    listing = lsp.ReferenceContext(include_declaration=True)
    places = await editor.ask("references", "channels.toml", 1, 8, context=listing)
    assert len(places) == 2, places
    symbols = lsp.DocumentSymbolParams(editor.document("deployment.toml"))
    symbols = await editor.client.text_document_document_symbol_async(symbols)
    profiles = next(it for it in symbols if it.name == "functionality-profile")
    assert [it.name for it in profiles.children] == ["STORE", "MALL"], profiles


async def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        (folder / "deployment.toml").write_text(DEPLOYMENT, encoding="utf-8")
        for editor in ["visual-studio-code", "neovim"]:
            client = await ClientServerConfig(server_command=[BINARY, "lsp"]).start()
            # What is asked for is granted, and what changes on the disk is not told here.
            client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(lambda _: None)
            capabilities = client_capabilities(editor)
            # UTF-16 whatever else a client could do, so that both are asked alike.
            capabilities.general.position_encodings = ["utf-16"]
            started = lsp.InitializeParams(capabilities, root_uri=folder.as_uri())
            answer = await client.initialize_session(started)
            assert answer.capabilities.position_encoding == "utf-16", answer
            await converse(Editor(client, folder))
            await client.shutdown_session()
            await client.stop()
            print(f"{editor}: told, offered and answered as it should be")


asyncio.run(asyncio.wait_for(main(), 60))
