//! The sources, parsed: what a file refers to, wherever Rust lets it say so.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path in a source: `crate::model::Rules`, `super::flat`, `redb::Database`.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub segments: Vec<String>,
    /// How it begins with `::`, so that it can only be a crate.
    pub is_global: bool,
    /// The inline modules around it.
    pub inside: Vec<String>,
    pub line: usize,
    pub is_test: bool,
    pub import: Option<Import>,
}

/// What a `use` binds.
#[derive(Clone, Debug)]
pub(super) struct Import {
    /// The name, or `None` for all names.
    pub name: Option<String>,
    pub is_public: bool,
}

/// A function with a body.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub name: String,
    pub lines: usize,
}

/// One file of the project.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub path: String,
    pub references: Vec<Reference>,
    pub functions: Vec<Function>,
    /// Modules that stand in files of their own or inline, each with the inline modules around it.
    pub modules: Vec<(Vec<String>, String)>,
    /// The modules among them that are built for tests alone.
    pub test_modules: BTreeSet<String>,
    /// Macros, which are named by a `use` without a path.
    pub macros: BTreeSet<String>,
    /// Every identifier outside `use` declarations.
    pub identifiers: BTreeSet<String>,
    /// The lines of `expect` calls outside tests, and what each says.
    pub expectations: Vec<(usize, Option<String>)>,
    /// The lines where a lint is turned off, and whether with a reason.
    pub lints: Vec<(usize, bool)>,
}

impl Source {
    /// A file parsed; panics where it is no Rust.
    pub(super) fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut reader = Reader {
            source: Self { path: path.to_owned(), ..Self::default() },
            ..Reader::default()
        };
        reader.visit_file(&file);
        reader.source
    }

    /// Whether it is the root of a crate that others of the library's files stand beside or in: the
    /// program, or the build.
    pub(super) fn is_program(&self) -> bool {
        self.path == "src/main.rs" || self.path == "src/build.rs"
    }

    /// The module that the file is: `["store", "file"]`, empty for a crate's root.
    pub(super) fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.trim_end_matches("/mod");
        let is_root = path == "lib" || self.is_program();
        if is_root { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }

    /// The first part of its path: a directory or file of `src`.
    pub(super) fn room(&self) -> String {
        match self.module().first() {
            Some(room) => room.clone(),
            None => self.path.trim_start_matches("src/").trim_end_matches(".rs").to_owned(),
        }
    }
}

#[derive(Default)]
struct Reader {
    source: Source,
    inside: Vec<String>,
    is_test: bool,
    /// Whether the next path goes on after `<T>`.
    is_qualified: bool,
}

impl Reader {
    fn add(&mut self, segments: Vec<String>, is_global: bool, line: usize, import: Option<Import>) {
        self.source.references.push(Reference {
            segments,
            is_global,
            inside: self.inside.clone(),
            line,
            is_test: self.is_test,
            import,
        });
    }

    fn import(&mut self, tree: &syn::UseTree, before: &[String], is_global: bool, public: bool) {
        let line = tree.span().start().line;
        let with = |name: &str| [before, &[name.to_owned()]].concat();
        let bound = |name: &str| Some(Import { name: Some(name.to_owned()), is_public: public });
        match tree {
            syn::UseTree::Path(path) => {
                self.import(&path.tree, &with(&path.ident.to_string()), is_global, public);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, is_global, public);
                }
            }
            syn::UseTree::Glob(_) => {
                let all = Some(Import { name: None, is_public: public });
                self.add(before.to_vec(), is_global, line, all);
            }
            syn::UseTree::Name(leaf) if leaf.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                self.add(before.to_vec(), is_global, line, bound(&name));
            }
            syn::UseTree::Name(leaf) => {
                let name = leaf.ident.to_string();
                self.add(with(&name), is_global, line, bound(&name));
            }
            syn::UseTree::Rename(leaf) => {
                let segments = if leaf.ident == "self" {
                    before.to_vec()
                } else {
                    with(&leaf.ident.to_string())
                };
                self.add(segments, is_global, line, bound(&leaf.rename.to_string()));
            }
        }
    }

    /// The paths in the tokens of a macro or an attribute, groups like `{a, b}` opened.
    fn tokens(&mut self, tokens: TokenStream, before: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_mark = |place: usize, mark: char| match tokens.get(place) {
            Some(TokenTree::Punct(found)) => found.as_char() == mark,
            _ => false,
        };
        let is_joined = |place: usize| is_mark(place, ':') && is_mark(place.wrapping_add(1), ':');
        let mut place = 0;
        while let Some(token) = tokens.get(place) {
            place += 1;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream(), &[]),
                TokenTree::Ident(first) => {
                    self.source.identifiers.insert(first.to_string());
                    // `::csv`, with nothing before the colons that they could belong to.
                    let before_colons = place.wrapping_sub(4);
                    let goes_on = is_mark(before_colons, '>')
                        || matches!(
                            tokens.get(before_colons),
                            Some(TokenTree::Ident(_) | TokenTree::Group(_))
                        );
                    let starts_global = is_joined(place.wrapping_sub(3)) && !goes_on;
                    let mut segments = [before, &[first.to_string()]].concat();
                    let mut group = None;
                    while is_joined(place) {
                        match tokens.get(place + 2) {
                            Some(TokenTree::Ident(next)) => {
                                self.source.identifiers.insert(next.to_string());
                                segments.push(next.to_string());
                                place += 3;
                            }
                            Some(TokenTree::Group(inner)) => {
                                group = Some(inner.stream());
                                place += 3;
                                break;
                            }
                            _ => break,
                        }
                    }
                    match group {
                        Some(inner) => self.tokens(inner, &segments),
                        None if segments.len() > 1 => {
                            let line = first.span().start().line;
                            self.add(segments, starts_global, line, None);
                        }
                        None => {}
                    }
                    self.expectation(&tokens, place);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Where `.expect("…")` stands in the tokens of a macro.
    fn expectation(&mut self, tokens: &[TokenTree], after: usize) {
        let [.., TokenTree::Punct(dot), TokenTree::Ident(name)] = &tokens[..after] else { return };
        let Some(TokenTree::Group(arguments)) = tokens.get(after) else { return };
        if dot.as_char() == '.' && name == "expect" && !self.is_test {
            let said = syn::parse2::<syn::LitStr>(arguments.stream()).ok();
            let line = name.span().start().line;
            self.source.expectations.push((line, said.map(|text| text.value())));
        }
    }
}

pub(super) fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test")
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes: &[syn::Attribute] = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &[],
        };
        let outer = self.is_test;
        self.is_test |= is_for_tests(attributes);
        visit::visit_item(self, item);
        self.is_test = outer;
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        self.source.modules.push((self.inside.clone(), name.clone()));
        if self.is_test {
            self.source.test_modules.insert(name.clone());
        }
        self.inside.push(name);
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, &[], item.leading_colon.is_some(), is_public);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        self.source.macros.extend(item.ident.as_ref().map(ToString::to_string));
        visit::visit_item_macro(self, item);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let name = item.ident.to_string();
        self.add(vec![name, String::new()], true, item.span().start().line, None);
    }

    /// Who sees an item is no use of that module.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // In `<T>::f` the colons belong to what stands before.
        let is_qualified = std::mem::take(&mut self.is_qualified);
        let is_global = path.leading_colon.is_some() && !is_qualified;
        if segments.len() > 1 || is_global {
            self.add(segments, is_global, path.span().start().line, None);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.qualified(path.qself.as_ref(), &path.path);
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.qualified(path.qself.as_ref(), &path.path);
    }

    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.source.identifiers.insert(ident.to_string());
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        visit::visit_macro(self, invoked);
        self.tokens(invoked.tokens.clone(), &[]);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let is_lint = ["allow", "expect"].iter().any(|name| attribute.path().is_ident(name));
        if let (true, syn::Meta::List(list)) = (is_lint, &attribute.meta) {
            let has_reason = list
                .tokens
                .clone()
                .into_iter()
                .any(|token| matches!(token, TokenTree::Ident(word) if word == "reason"));
            self.source.lints.push((attribute.span().start().line, has_reason));
        } else {
            visit::visit_attribute(self, attribute);
            if let syn::Meta::List(list) = &attribute.meta {
                self.tokens(list.tokens.clone(), &[]);
            }
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "expect" && !self.is_test {
            let said = match call.args.first() {
                Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => {
                    Some(Some(text.value()))
                }
                // A literal of another kind is no reason: it is another function of that name.
                Some(syn::Expr::Lit(_)) => None,
                _ => Some(None),
            };
            let line = call.method.span().start().line;
            self.source.expectations.extend(said.map(|said| (line, said)));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

impl Reader {
    fn qualified(&mut self, within: Option<&syn::QSelf>, path: &syn::Path) {
        if let Some(within) = within {
            self.visit_qself(within);
        }
        self.is_qualified = within.is_some();
        self.visit_path(path);
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (from, to) = (signature.span().start().line, block.span().end().line);
        if !self.is_test {
            let name = signature.ident.to_string();
            self.source.functions.push(Function { name, lines: to - from + 1 });
        }
    }
}
