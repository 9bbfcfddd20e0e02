//! A block to sign, on paper or on the screen.

use super::parts::{entry, moment, section};
use super::{Reported, title};
use maud::{Markup, html};

/// So many people may sign.
const LINES: usize = 3;

/// Writes of what the decision is, and blanks for name, role, date and decision.
pub(super) fn write(reported: Reported<'_>) -> Markup {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    let as_of = deployment.as_of().map_or(html! { "not given" }, moment);
    let content = html! {
        dl.provenance {
            (entry("Deployment", &html! { bdi { (title(reported)) } }))
            (entry("As of", &as_of))
            (entry("Verdict", &html! { b { (reported.checked.verdict.as_str()) } }))
            (entry("Its digest", &html! { code.digest { (deployment.digest()) } }))
            (entry("The rules'", &html! { code.digest { (rules.digest()) } }))
        }
        table.blanks {
            thead {
                tr {
                    @for column in ["Name", "Role", "Date", "Decision"] {
                        th scope="col" { (column) }
                    }
                }
            }
            tbody {
                @for _ in 0..LINES {
                    tr { td {} td {} td {} td { "☐ go  ☐ no-go" } }
                }
            }
        }
    };
    section("sign-off", "sign-off-title", "Sign-off", &content)
}
