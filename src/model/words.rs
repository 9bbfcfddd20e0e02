//! A macro for the small closed vocabularies of the model.

/// Declares an enum whose values each have one word, used alike in TOML, JSON and output.
macro_rules! words {
    (
        $(#[$about:meta])*
        $name:ident { $( $(#[doc = $value_about:literal])+ $value:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[doc = $value_about])+ $value ),+
        }

        impl $name {
            /// Every value, in the order of the rules' fact or table.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// Their words.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Its word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$value => concat!($($value_about),+).trim_ascii()),+ }
            }

            /// The value with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <&str>::deserialize(from)?;
                let expected = || serde::de::Error::unknown_variant(word, Self::WORDS);
                Self::from_word(word).ok_or_else(expected)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use words;
