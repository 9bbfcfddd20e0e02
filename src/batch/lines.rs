//! Requests as JSON Lines.

use super::answers::Clerk;
use super::chunk::Chunk;
use super::desk::{Desk, RequestId, Unanswered};
use crate::wire::{LineProblem, MAX_LINE_BYTES, id_of, parse_request_like};

impl Chunk {
    /// Clerk each line as a request in JSON.
    pub(super) fn answer_lines(&self, desk: &mut Desk<'_>, answers: &mut impl Clerk) {
        for (number, line) in self.lines() {
            let text = match text(line) {
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

/// The text of a line, or why it has none.
fn text(line: &[u8]) -> Result<&str, LineProblem> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineProblem::TooLong);
    }
    std::str::from_utf8(line).map_err(|error| LineProblem::not_text(line, &error))
}
