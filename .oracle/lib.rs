//! Nothing: the test of this package is what it is for.
