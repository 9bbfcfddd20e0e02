//! Requests as JSON Lines.

use super::answers::Clerk;
use super::chunk::{Chunk, LineBytes};
use super::desk::{Desk, RequestId, Unanswered};
use crate::wire::{LineProblem, MAX_LINE_BYTES, id_of, parse_request_like};

impl Chunk {
    /// Answers each line as a request in JSON.
    pub(super) fn answer_lines(&self, desk: &mut Desk<'_>, answers: &mut impl Clerk) {
        // Looked at once, which is quicker than line by line.
        let whole = std::str::from_utf8(&self.bytes).ok();
        for LineBytes { number, at, bytes } in self.lines() {
            let known = whole.and_then(|whole| whole.get(at..at + bytes.len()));
            let text = match text(bytes, known) {
                Ok(text) => text,
                Err(problem) => {
                    let message = problem.to_string();
                    answers.refuse(RequestId::Left, number, Unanswered::Told(&message));
                    continue;
                }
            };
            match parse_request_like(text, &mut desk.told) {
                Ok(request) => {
                    let id = request.id.map_or(RequestId::Left, RequestId::Json);
                    match desk.asked(&request.channel, &request.operation, request.situation) {
                        Ok(asked) => answers.answer(id, number, asked),
                        Err(refusal) => answers.refuse(id, number, refusal),
                    }
                }
                Err(message) => {
                    let id = id_of(text).map(|id| id.to_string());
                    let id = id.as_deref().map_or(RequestId::Left, RequestId::Json);
                    answers.refuse(id, number, Unanswered::Told(&message));
                }
            }
        }
    }
}

/// The text of a line, which may be known to be one, or why it has none.
fn text<'a>(line: &'a [u8], known: Option<&'a str>) -> Result<&'a str, LineProblem> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineProblem::TooLong);
    }
    if let Some(text) = known {
        return Ok(text);
    }
    std::str::from_utf8(line).map_err(|error| LineProblem::not_text(line, &error))
}
