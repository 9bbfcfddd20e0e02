//! Steps without a name: closures that stand in closures.

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// The lines of closures that stand in another and take more than a line, or that stand in two;
/// tests are left out.
pub(super) fn unnamed(text: &str) -> Vec<usize> {
    let file = syn::parse_file(text).expect("sources are Rust");
    let mut finder = Finder::default();
    finder.visit_file(&file);
    finder.lines
}

#[derive(Default)]
struct Finder {
    /// How many closures are around.
    around: usize,
    lines: Vec<usize>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !super::source::is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // A function that stands in a closure is a step with a name.
        let around = std::mem::take(&mut self.around);
        if !super::source::is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
        self.around = around;
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let span = closure.span();
        let is_long = span.end().line > span.start().line;
        if self.around > 1 || self.around == 1 && is_long {
            self.lines.push(span.start().line);
        }
        self.around += 1;
        visit::visit_expr_closure(self, closure);
        self.around -= 1;
    }
}
