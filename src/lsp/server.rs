//! The server: what it knows, and what it answers. Messages in, messages out; it touches nothing.

use super::address::path_of;
use super::capabilities::capabilities;
use super::examine::{Examination, ExaminedFolder, RulesInUse};
use super::folder::{Disk, Documents, File, Folder, Open, directory_of};
use super::message::{self, Answer, Incoming, Refused, Request};
use super::role::{Formats, Role};
use super::text::{Text, Units};
use super::view::View;
use super::watched::{Published, Watched};
use super::{actions, completion, hover, ids, symbols};
use crate::model::{Rules, Version};
use gen_lsp_types::{
    CodeActionParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, DocumentSymbolParams, InitializeResult, MessageType,
    PositionEncodingKind, Range, ReferenceParams, RenameParams, ServerInfo,
    TextDocumentPositionParams, Uri, VersionedTextDocumentIdentifier,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A language server.
pub struct Server {
    disk: Box<dyn Disk>,
    rules: Arc<Rules>,
    /// The version of headquarters, for deployments that do not give it.
    version: Option<Version>,
    formats: Formats,
    stage: Stage,
    /// Whether the client watches files where it is asked to.
    can_watch: bool,
    units: Units,
    documents: Documents,
    folders: BTreeMap<String, Watched>,
    /// How many changes there were.
    changes: u64,
    /// Requests that wait for what is found in a directory.
    waiting: Vec<(String, Request)>,
}

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    ShutDown,
    /// The end was asked for: in order, or without a shutdown before.
    Ended {
        in_order: bool,
    },
}

impl Server {
    /// A server that nobody has spoken to yet, with these rules.
    pub fn new(rules: Arc<Rules>, version: Option<Version>, disk: Box<dyn Disk>) -> Self {
        Self {
            disk,
            rules,
            version,
            formats: Formats::new(),
            stage: Stage::New,
            can_watch: false,
            units: Units::default(),
            documents: Documents::new(),
            folders: BTreeMap::new(),
            changes: 0,
            waiting: Vec::new(),
        }
    }

    /// Whether the client has asked for the end, and if so, whether in order.
    pub fn ended(&self) -> Option<bool> {
        match self.stage {
            Stage::Ended { in_order } => Some(in_order),
            _ => None,
        }
    }

    /// Whether the client has said that the end will come.
    pub fn is_shut_down(&self) -> bool {
        self.stage == Stage::ShutDown
    }

    /// Whether a request waits for what is found in a directory.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes the body of a message, and gives what is to be sent.
    pub fn take(&mut self, body: &[u8]) -> Vec<String> {
        match message::read(body) {
            Incoming::Request(request) => self.requested(&request),
            Incoming::Notification(method, params) => self.notified(&method, params),
            Incoming::Answer => Vec::new(),
            Incoming::Unfit(id, refused) => vec![message::answer(&id, Err(refused))],
        }
    }

    /// What is sent where no message could be made out.
    pub fn unreadable(&self, why: &str) -> String {
        message::answer(&Value::Null, Err(Refused::unreadable(why)))
    }

    fn requested(&mut self, request: &Request) -> Vec<String> {
        let result = match (self.stage, request.method.as_str()) {
            (Stage::New, "initialize") => self.initialize(&request.params),
            (Stage::New, _) => Err(Refused::too_early()),
            (Stage::Running, "initialize") => {
                Err(Refused::no_request("`initialize` was answered already"))
            }
            (Stage::Running, "shutdown") => {
                self.stage = Stage::ShutDown;
                Ok(message::raw(&Value::Null))
            }
            (Stage::Running, _) => match self.asked(request) {
                Some(result) => result,
                None => return Vec::new(),
            },
            _ => Err(Refused::no_request("the server is shut down")),
        };
        vec![message::answer(&request.id, result)]
    }

    fn initialize(&mut self, params: &Value) -> Answer {
        // Only what is needed is read, so that no client is refused for what is new in it.
        let said = |pointer: &str| params.pointer(pointer);
        if !params.is_object() || said("/capabilities").is_some_and(|it| !it.is_object()) {
            return Err(Refused::wrong("wrong parameters: an object with `capabilities`"));
        }
        let encodings = said("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let has_utf8 = encodings.is_some_and(|all| all.iter().any(|it| it == "utf-8"));
        let (units, encoding) = if has_utf8 {
            (Units::Utf8, PositionEncodingKind::UTF8)
        } else {
            (Units::Utf16, PositionEncodingKind::UTF16)
        };
        let watches = "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration";
        self.can_watch = said(watches) == Some(&Value::Bool(true));
        self.units = units;
        self.stage = Stage::Running;
        let result = InitializeResult {
            capabilities: capabilities(encoding),
            server_info: Some(ServerInfo {
                name: "syncgate".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        Ok(message::raw(&result))
    }

    /// Answers a request about a file; `None` where what is found there must be known first.
    fn asked(&mut self, request: &Request) -> Option<Answer> {
        let params = request.params.clone();
        match request.method.as_str() {
            "textDocument/completion" => Some(self.at_place(params, completion::complete)),
            "textDocument/definition" => Some(self.at_place(params, ids::definition)),
            "textDocument/prepareRename" => Some(self.at_place(params, ids::prepare_rename)),
            "textDocument/hover" => {
                if self.must_wait(request) {
                    return None;
                }
                Some(self.at_place(params, hover::hover))
            }
            "textDocument/references" => Some(self.references(params)),
            "textDocument/rename" => Some(self.renamed(params)),
            "textDocument/documentSymbol" => Some(self.symbols(params)),
            "textDocument/codeAction" => {
                if self.must_wait(request) {
                    return None;
                }
                Some(self.actions(params))
            }
            other => Some(Err(Refused::unknown(other))),
        }
    }

    fn references(&mut self, params: Value) -> Answer {
        let it: ReferenceParams = message::params(params)?;
        let with_declarations = it.context.include_declaration;
        self.with_place(&it.text_document_position_params, |view, byte| {
            Ok(ids::references(view, byte, with_declarations))
        })
    }

    fn renamed(&mut self, params: Value) -> Answer {
        let it: RenameParams = message::params(params)?;
        let at = &it.text_document_position_params;
        self.with_place(at, |view, byte| ids::rename(view, byte, &it.new_name))
    }

    fn symbols(&mut self, params: Value) -> Answer {
        let it: DocumentSymbolParams = message::params(params)?;
        self.with_file(&it.text_document.uri, |view| Ok(symbols::symbols(view)))
    }

    fn actions(&mut self, params: Value) -> Answer {
        let it: CodeActionParams = message::params(params)?;
        self.with_file(&it.text_document.uri, |view| {
            Ok(actions::actions(view, it.range, it.context.only.as_deref()))
        })
    }

    /// Lets a request wait until its directory was looked at for the first time. Later ones get
    /// what was found last, as far as that still stands: nobody waits for a check while they type.
    fn must_wait(&mut self, request: &Request) -> bool {
        let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str);
        let Some(uri) = uri else { return false };
        let path = path_of(uri);
        let directory = directory_of(&path).to_owned();
        let known = self.watched(&directory);
        if known.folder.file(&path).is_none() || known.examined.is_some() {
            return false;
        }
        if known.revision == 0 {
            // It was only read so far.
            self.outdate(&directory);
        }
        self.waiting.push((directory, request.clone()));
        true
    }

    fn at_place<T: serde::Serialize>(
        &mut self,
        params: Value,
        answer: impl FnOnce(&View<'_>, usize) -> T,
    ) -> Answer {
        let at: TextDocumentPositionParams = message::params(params)?;
        self.with_place(&at, |view, byte| Ok(answer(view, byte)))
    }

    fn with_place<T: serde::Serialize>(
        &mut self,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&View<'_>, usize) -> Result<T, Refused>,
    ) -> Answer {
        self.with_file(&at.text_document.uri, |view| {
            answer(view, view.file.text.byte(at.position, view.units))
        })
    }

    fn with_file<T: serde::Serialize>(
        &mut self,
        uri: &Uri,
        answer: impl FnOnce(&View<'_>) -> Result<T, Refused>,
    ) -> Answer {
        let path = path_of(&uri.0);
        let about = self.deployment_of(&path);
        let Self { folders, formats, documents, units, .. } = self;
        let known = folders.get(directory_of(&path));
        let file = known.and_then(|known| Some((known, known.folder.file(&path)?)));
        let Some((known, file)) = file else {
            return Err(Refused::wrong(format!("there is no document `{}`", uri.0)));
        };
        let scenarios = folders.values().flat_map(|it| it.folder.of_role(Role::Scenario));
        let rules = &*known.rules.rules;
        let format = match file.role {
            Role::Deployment => &rules.format,
            Role::Scenario => &formats.scenario,
            Role::Checks | Role::Rules => &formats.rules,
            Role::Settings => &formats.settings,
        };
        let view = View {
            file,
            folder: &known.folder,
            deployment: folders.get(&about).map_or(&known.folder, |it| &it.folder),
            scenarios: scenarios.filter(|it| it.about().as_ref() == Some(&about)).collect(),
            scenario_format: &formats.scenario,
            format,
            rules,
            units: *units,
            examined: known.examined.as_ref(),
            is_fresh: known.is_fresh(),
            documents,
        };
        answer(&view).map(|answer| message::raw(&answer))
    }

    /// The directory of the deployment that a file is a part of, or as a scenario is about, read.
    fn deployment_of(&mut self, path: &str) -> String {
        let directory = directory_of(path);
        let file = self.watched(directory).folder.file(path);
        let scenario = file.filter(|file| file.role == Role::Scenario);
        let about = scenario.and_then(File::about).filter(|about| about != directory);
        let Some(about) = about else { return directory.to_owned() };
        self.watched(&about);
        let Self { folders, disk, documents, .. } = self;
        if let Some(known) = folders.get_mut(&about) {
            // Nobody tells what others write where no editor has anything open.
            known.folder = known.folder.renewed(&about, documents, &**disk);
        }
        about
    }

    fn watched(&mut self, directory: &str) -> &mut Watched {
        let Self { folders, disk, documents, rules, .. } = self;
        folders.entry(directory.to_owned()).or_insert_with(|| Watched {
            folder: Folder::default().renewed(directory, documents, &**disk),
            own_checks: disk.own_checks(directory),
            rules: RulesInUse::new(Arc::clone(rules)),
            revision: 0,
            started: 0,
            examined: None,
            published: BTreeMap::new(),
        })
    }

    fn notified(&mut self, method: &str, params: Value) -> Vec<String> {
        if method == "exit" {
            self.stage = Stage::Ended { in_order: self.stage == Stage::ShutDown };
        }
        if self.stage != Stage::Running {
            return Vec::new();
        }
        let done = match method {
            "initialized" => return self.watch(),
            "textDocument/didOpen" => message::params(params).map(|it| self.opened(it)),
            "textDocument/didChange" => self.changed(&params),
            "textDocument/didSave" => message::params(params).map(|it| {
                let DidSaveTextDocumentParams { text_document, .. } = it;
                let path = path_of(&text_document.uri.0);
                self.look_again(&path);
                self.forget_told(&path);
            }),
            "textDocument/didClose" => match message::params(params) {
                Ok(it) => return self.closed(&it),
                Err(refused) => Err(refused),
            },
            "workspace/didChangeWatchedFiles" => {
                let changes = params.get("changes").and_then(Value::as_array);
                let uris = changes.into_iter().flatten().filter_map(|it| it.get("uri")?.as_str());
                for path in uris.map(path_of).collect::<Vec<_>>() {
                    self.look_again(&path);
                }
                Ok(())
            }
            // What is told and not known changes nothing.
            _ => Ok(()),
        };
        // Nobody waits for an answer, and yet somebody should see it.
        let told = done.err().map(|refused| {
            let message = format!("{method}: {}", refused.message);
            message::notification("window/logMessage", &json!({ "type": 1, "message": message }))
        });
        told.into_iter().collect()
    }

    /// Asks the client to watch what others may change.
    fn watch(&self) -> Vec<String> {
        let asked = json!({ "registrations": [{
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": [{ "globPattern": "**/*.toml" }] },
        }] });
        let asked = message::request("watch", "client/registerCapability", &asked);
        self.can_watch.then_some(asked).into_iter().collect()
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let path = path_of(&document.uri.0);
        let text = Arc::new(Text::new(document.text));
        let open = Open { uri: document.uri.0, version: document.version, text };
        self.documents.insert(path.clone(), open);
        self.look_again(&path);
        self.forget_told(&path);
    }

    fn changed(&mut self, params: &Value) -> Result<(), Refused> {
        let changes = params.get("contentChanges").and_then(Value::as_array).cloned();
        let changes = changes.ok_or_else(|| Refused::wrong("no list `contentChanges`"))?;
        let document = params.get("textDocument").cloned().unwrap_or(Value::Null);
        let document: VersionedTextDocumentIdentifier = message::params(document)?;
        let path = path_of(&document.text_document_identifier.uri.0);
        let open = self.documents.get_mut(&path);
        let open = open.ok_or_else(|| Refused::wrong("the document is not open"))?;
        for change in changes {
            let text = change.get("text").and_then(Value::as_str);
            let text = text.ok_or_else(|| Refused::wrong("a change without `text`"))?;
            let after = match change.get("range").filter(|range| !range.is_null()) {
                Some(range) => {
                    let range: Range = message::params(range.clone())?;
                    open.text.replaced(range, text, self.units)
                }
                None => Text::new(text.to_owned()),
            };
            open.text = Arc::new(after);
        }
        open.version = document.version;
        let text = Arc::clone(&open.text);
        let directory = directory_of(&path).to_owned();
        self.watched(&directory).folder.put(&path, &text);
        self.outdate(&directory);
        self.forget_told(&path);
        Ok(())
    }

    /// Reads the directory of a path again, where it is looked at.
    fn look_again(&mut self, path: &str) {
        let directory = directory_of(path).to_owned();
        if self.documents.contains_key(path) || self.folders.contains_key(&directory) {
            self.watched(&directory);
            let Self { folders, disk, documents, .. } = self;
            if let Some(known) = folders.get_mut(&directory) {
                known.folder = known.folder.renewed(&directory, documents, &**disk);
            }
        }
        self.outdate(&directory);
    }

    /// Has a file told of again, even if nothing else is found in it.
    fn forget_told(&mut self, path: &str) {
        if let Some(known) = self.folders.get_mut(directory_of(path)) {
            known.published.remove(path);
        }
    }

    /// Has everything looked at that depends on a directory.
    fn outdate(&mut self, directory: &str) {
        self.changes += 1;
        for (other, known) in &mut self.folders {
            if other == directory || known.own_checks.as_deref() == Some(directory) {
                known.revision = self.changes;
            }
        }
    }

    fn closed(&mut self, params: &DidCloseTextDocumentParams) -> Vec<String> {
        let path = path_of(&params.text_document.uri.0);
        if self.documents.remove(&path).is_none() {
            return Vec::new();
        }
        let directory = directory_of(&path).to_owned();
        if self.documents.keys().any(|path| directory_of(path) == directory) {
            self.look_again(&path);
            return Vec::new();
        }
        // Of a directory in which nothing is open, nothing is told.
        let known = self.folders.remove(&directory);
        self.outdate(&directory);
        let told = known.into_iter().flat_map(|known| known.published);
        let told = told.filter(|(_, told)| told.diagnostics.is_some());
        let nothing = Published { version: None, diagnostics: None };
        let mut messages: Vec<String> =
            told.map(|(path, _)| nothing.message(&path, &self.documents)).collect();
        messages.extend(self.resume(&directory));
        messages
    }

    /// The next directory to look at, where one has changed since; what comes of it is to be
    /// [told](Self::told).
    pub fn next_examination(&mut self) -> Option<Examination> {
        let Self { folders, disk, documents, units, version, .. } = self;
        // What has changed first, so that nothing waits for somebody to end their typing elsewhere.
        let changed = folders.iter_mut().filter(|(_, known)| known.started < known.revision);
        let (directory, known) = changed.min_by_key(|(_, known)| known.revision)?;
        known.started = known.revision;
        // Others may have written what no editor has open.
        known.folder = known.folder.renewed(directory, documents, &**disk);
        known.own_checks = disk.own_checks(directory);
        let own = known.own_checks.as_deref();
        let own = own.map(|own| Folder::default().renewed(own, documents, &**disk));
        // Without checks of one's own there are none to add.
        let own = own.unwrap_or_default();
        let open = documents.iter().map(|(path, open)| (path.clone(), open.uri.clone()));
        Some(Examination {
            directory: directory.clone(),
            revision: known.revision,
            rules: known.rules.clone(),
            version: *version,
            own_checks: own.of_role(Role::Checks).map(File::input).collect(),
            files: known.folder.files.clone(),
            addresses: open.collect(),
            units: *units,
        })
    }

    /// Takes what came of an examination, and gives what is to be sent.
    pub fn told(&mut self, examined: ExaminedFolder) -> Vec<String> {
        let directory = examined.directory.clone();
        let Some(known) = self.folders.get_mut(&directory) else { return Vec::new() };
        let has_open = self.documents.keys().any(|path| directory_of(path) == directory);
        let is_current = examined.revision == known.revision && has_open;
        known.rules = examined.rules.clone();
        let mut messages = Vec::new();
        if is_current {
            let files = known.folder.files.iter().map(|file| &file.path);
            let mut paths: Vec<String> = files.chain(known.published.keys()).cloned().collect();
            paths.sort_unstable();
            paths.dedup();
            for path in paths {
                let open = self.documents.get(&path);
                let now = Published {
                    version: open.map(|open| open.version),
                    diagnostics: examined.written.get(&path).cloned(),
                };
                let then = known.published.get(&path);
                if then.map_or(now.version.is_some() || now.diagnostics.is_some(), |it| *it != now)
                {
                    messages.push(now.message(&path, &self.documents));
                    known.published.insert(path, now);
                }
            }
        }
        if let Some(known) = self.folders.get_mut(&directory) {
            known.examined = Some(examined);
        }
        messages.extend(self.resume(&directory));
        messages
    }

    /// Takes that an examination came to no end, and gives what is to be sent: what waited for it
    /// is answered, and the next change is looked at as any other.
    pub fn failed(&mut self, directory: &str, revision: u64, why: &str) -> Vec<String> {
        let message = format!("the files in {directory} could not be checked: {why}");
        let told = json!({ "type": MessageType::Error, "message": message });
        let mut messages = vec![message::notification("window/logMessage", &told)];
        let refused = Refused::impossible(message);
        let answer = |(of, request): &(String, Request)| {
            (of == directory).then(|| message::answer(&request.id, Err(refused.clone())))
        };
        messages.extend(self.waiting.iter().filter_map(answer));
        self.waiting.retain(|(of, _)| of != directory);
        // Who asks next waits for a look of their own, not for the one that has ended.
        if let Some(known) = self.folders.get_mut(directory)
            && known.examined.is_none()
            && known.revision == revision
        {
            (known.revision, known.started) = (0, 0);
        }
        messages
    }

    /// Answers requests that waited for a directory.
    fn resume(&mut self, directory: &str) -> Vec<String> {
        let (ready, others) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(of, _)| of == directory);
        self.waiting = others;
        let ready: Vec<(String, Request)> = ready;
        let answer = |(_, request): (String, Request)| {
            self.asked(&request).map(|result| message::answer(&request.id, result))
        };
        ready.into_iter().filter_map(answer).collect()
    }
}
