//! Where something may be lost in silence: a default, a bound or nothing in the place of what is
//! not there or went wrong.
//!
//! It may be right: then a comment at it says why, or it is all that a documented function does.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// The places in a source, each with its line, that put something in the place of what is lost and
/// do not say why; tests are left out.
pub(super) fn losses(text: &str) -> Vec<(usize, String)> {
    let file = syn::parse_file(text).expect("sources are Rust");
    let mut finder = Finder { lines: text.lines().collect(), ..Finder::default() };
    finder.visit_file(&file);
    finder.losses.sort();
    finder.losses.dedup();
    finder.losses
}

#[derive(Default)]
struct Finder<'t> {
    lines: Vec<&'t str>,
    /// The first lines of the statements, arms and fields around, the innermost last.
    around: Vec<usize>,
    /// Whether the documentation of the function says what all of it does.
    is_told: bool,
    losses: Vec<(usize, String)>,
}

impl Finder<'_> {
    /// Whether a comment of some words ends above a line.
    fn is_commented(&self, line: usize) -> bool {
        let comment = |line: &&&str| line.trim_start().starts_with("// ");
        let above = self.lines[..line - 1].iter().rev();
        let words: usize =
            above.take_while(comment).map(|line| line.split_whitespace().count() - 1).sum();
        words >= 4
    }

    fn lose(&mut self, line: usize, what: &str) {
        let mut places = [Some(line), self.around.last().copied()].into_iter().flatten();
        if !self.is_told && !places.any(|place| self.is_commented(place)) {
            self.losses.push((line, what.to_owned()));
        }
    }

    /// A call of `method` with these arguments.
    fn call(&mut self, line: usize, method: &str, arguments: &str) {
        let first = arguments.split_once(',').map_or(arguments, |(first, _)| first).trim();
        let is_nothing = matches!(first, "0" | "\"\"" | "String::new()")
            || first.ends_with("MAX")
            || first.ends_with("MIN");
        let is_loss = match method {
            "unwrap_or_default" => true,
            "unwrap_or" | "map_or" => is_nothing,
            "unwrap_or_else" => arguments.starts_with("|_|"),
            _ => arguments.starts_with("Result::ok"),
        };
        if is_loss {
            self.lose(line, &format!("{method}({arguments})"));
        }
    }

    fn within(&mut self, line: usize, visit: impl FnOnce(&mut Self)) {
        self.around.push(line);
        visit(self);
        self.around.pop();
    }

    fn function(
        &mut self,
        attributes: &[syn::Attribute],
        block: &syn::Block,
        visit: impl FnOnce(&mut Self),
    ) {
        let is_documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
        let outer = std::mem::replace(&mut self.is_told, is_documented && block.stmts.len() == 1);
        if !super::source::is_for_tests(attributes) {
            visit(self);
        }
        self.is_told = outer;
    }

    /// The calls in the tokens of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (place, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            if let [.., TokenTree::Punct(dot), TokenTree::Ident(name)] = &tokens[..place]
                && dot.as_char() == '.'
            {
                let arguments = written(group.span());
                let arguments = arguments.trim_start_matches('(').trim_end_matches(')');
                self.call(name.span().start().line, &name.to_string(), arguments);
            }
            self.tokens(group.stream());
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !super::source::is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.block, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.block, |finder| visit::visit_impl_item_fn(finder, item));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        let line = statement.span().start().line;
        self.within(line, |finder| {
            if let syn::Stmt::Expr(syn::Expr::MethodCall(call), Some(_)) = statement
                && call.method == "ok"
            {
                finder.lose(line, "ok();");
            }
            visit::visit_stmt(finder, statement);
        });
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if matches!(local.pat, syn::Pat::Wild(_)) {
            self.lose(local.span().start().line, "let _");
        }
        visit::visit_local(self, local);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.within(arm.span().start().line, |finder| visit::visit_arm(finder, arm));
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        let line = field.span().start().line;
        self.within(line, |finder| visit::visit_field_value(finder, field));
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        if let (syn::Expr::Let(found), None) = (&*branch.cond, &branch.else_branch)
            && let syn::Pat::TupleStruct(pattern) = &*found.pat
            && pattern.path.is_ident("Ok")
        {
            self.lose(branch.span().start().line, "if let Ok");
        }
        visit::visit_expr_if(self, branch);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let arguments = written(call.args.span());
        self.call(call.method.span().start().line, &call.method.to_string(), &arguments);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.tokens(invoked.tokens.clone());
    }
}

/// What is written at a place.
fn written(place: proc_macro2::Span) -> String {
    place.source_text().unwrap_or_default()
}
