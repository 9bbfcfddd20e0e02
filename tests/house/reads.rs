//! Where code reads a deployment by a text instead of by what `model::relied` declares.

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syncgate::model::SectionName;

/// What a deployment and its records are read by.
const READS: [&str; 20] = [
    "boolean",
    "code",
    "date",
    "date_time",
    "find",
    "header",
    "integer",
    "is_complete",
    "is_said_incomplete",
    "list",
    "placed",
    "record",
    "records",
    "section",
    "span",
    "table",
    "target",
    "text",
    "value",
    "version",
];

/// The lines of a source, tests left out, that read by a text, or compare with the name of a
/// section.
pub(super) fn reads(text: &str) -> Vec<usize> {
    let file = syn::parse_file(text).expect("sources are Rust");
    let mut finder = Finder::default();
    finder.visit_file(&file);
    finder.0
}

#[derive(Default)]
struct Finder(Vec<usize>);

/// A text that is written there.
fn literal(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        syn::Expr::Reference(reference) => literal(&reference.expr),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !super::source::is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let is_read = READS.iter().any(|read| call.method == read);
        if is_read && call.args.first().and_then(literal).is_some() {
            self.0.push(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_binary(&mut self, compared: &'ast syn::ExprBinary) {
        let sides = [&*compared.left, &*compared.right];
        let mut texts = sides.into_iter().filter_map(literal);
        if texts.any(|text| SectionName::from_word(&text).is_some()) {
            self.0.push(compared.span().start().line);
        }
        visit::visit_expr_binary(self, compared);
    }
}
