//! JSON-RPC: what comes in, whatever it is, and what goes out.

use gen_lsp_types::{ErrorCodes, LspErrorCodes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

/// A message that came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Something that must be answered.
    Request(Request),
    /// Something that is told.
    Notification(String, Value),
    /// The answer to something that was asked for.
    Answer,
    /// Something that is none of these, and whose it is as far as that can be seen.
    Unfit(Value, Refused),
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What the client calls it.
    pub(super) id: Value,
    /// What is asked.
    pub(super) method: String,
    /// Of what; null where nothing is said.
    pub(super) params: Value,
}

/// Why a request is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    code: i32,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(ErrorCodes::ParseError, message)
    }

    pub(super) fn no_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCodes::InvalidRequest, message)
    }

    pub(super) fn unknown(method: &str) -> Self {
        Self::new(ErrorCodes::MethodNotFound, format!("unknown request `{method}`"))
    }

    pub(super) fn wrong(message: impl Into<String>) -> Self {
        Self::new(ErrorCodes::InvalidParams, message)
    }

    pub(super) fn too_early() -> Self {
        Self::new(ErrorCodes::ServerNotInitialized, "the first request is `initialize`")
    }

    /// The request is right, and can't be done.
    pub(super) fn impossible(message: impl Into<String>) -> Self {
        let code = LspErrorCodes::RequestFailed;
        Self { code: i32::from(code), message: message.into() }
    }

    fn new(code: ErrorCodes, message: impl Into<String>) -> Self {
        Self { code: i32::from(code), message: message.into() }
    }
}

/// What the bytes of a message say.
pub(super) fn read(bytes: &[u8]) -> Incoming {
    let object = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            let refused = Refused::no_request("a message is a JSON object");
            return Incoming::Unfit(Value::Null, refused);
        }
        Err(error) => {
            let refused = Refused::unreadable(format!("no JSON: {error}"));
            return Incoming::Unfit(Value::Null, refused);
        }
    };
    of_object(object)
}

fn of_object(mut object: Map<String, Value>) -> Incoming {
    let id = object.remove("id");
    let usable = match &id {
        Some(Value::String(_)) => true,
        Some(Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    let whose = id.clone().filter(|_| usable).unwrap_or(Value::Null);
    let unfit = |message: &str| Incoming::Unfit(whose.clone(), Refused::no_request(message));
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return unfit("`jsonrpc` is not \"2.0\"");
    }
    let method = match object.remove("method") {
        Some(Value::String(method)) => method,
        Some(_) => return unfit("`method` is no text"),
        None if object.contains_key("result") || object.contains_key("error") => {
            return Incoming::Answer;
        }
        None => return unfit("there is no `method`"),
    };
    // What says nothing of its parameters has none.
    let params = object.remove("params").unwrap_or(Value::Null);
    match id {
        None => Incoming::Notification(method, params),
        Some(id) if usable => Incoming::Request(Request { id, method, params }),
        Some(_) => unfit("`id` is neither a whole number nor text"),
    }
}

/// The parameters of a request as what they must be.
pub(super) fn params<T: DeserializeOwned>(params: Value) -> Result<T, Refused> {
    serde_json::from_value(params)
        .map_err(|error| Refused::wrong(format!("wrong parameters: {error}")))
}

/// The result of a request as it is sent, or why there is none.
pub(super) type Answer = Result<Box<RawValue>, Refused>;

/// The answer to a request.
pub(super) fn answer(id: &Value, result: Answer) -> String {
    #[derive(Serialize)]
    struct Answered<'a> {
        jsonrpc: &'a str,
        id: &'a Value,
        result: &'a RawValue,
    }
    match result {
        Ok(result) => written(&Answered { jsonrpc: "2.0", id, result: &result }),
        Err(Refused { code, message }) => {
            let error = json!({ "code": code, "message": message });
            json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
        }
    }
}

/// Something to ask the client for.
pub(super) fn request(id: &str, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// Something to tell the client.
pub(super) fn notification(method: &str, params: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Notification<'a, P> {
        jsonrpc: &'a str,
        method: &'a str,
        params: P,
    }
    written(&Notification { jsonrpc: "2.0", method, params })
}

/// What is found in a file; the diagnostics were written before.
#[derive(Serialize)]
pub(super) struct Publication<'a> {
    pub(super) uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i32>,
    pub(super) diagnostics: &'a RawValue,
}

/// A value of the protocol as the text of its JSON.
#[expect(clippy::expect_used, reason = "a message that is lost would be waited for")]
fn written(it: &impl Serialize) -> String {
    serde_json::to_string(it).expect("types of the protocol are JSON")
}

/// The same, to stand in other messages.
#[expect(clippy::expect_used, reason = "a message that is lost would be waited for")]
pub(super) fn raw(it: &impl Serialize) -> Box<RawValue> {
    to_raw_value(it).expect("types of the protocol are JSON")
}
