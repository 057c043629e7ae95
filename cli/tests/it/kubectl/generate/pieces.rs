//! The pieces that texts are made of.

/// Spellings of a boolean.
#[rustfmt::skip]
pub(super) const BOOLEANS: [&str; 56] = [
    "true", "false", "True", "TRUE", "tRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "no", "N", "off", "oFF", "~",
    "null", "Null", "", "\"true\"", "'true'", "\"\"", "!!bool \"true\"", "!!bool yes", "!!bool on", "!!bool y",
    "!!str true", "!!null \"\"", "!!binary dHJ1ZQ==", "!!yes true", "!x true", "! true", "! \"true\"", "!x,true",
    "!<tag:yaml.org,2002:bool> yes", "!<tag:yaml.org,2002:bool> \"on\"", "&b true", "&b:c true", "&b?c true",
    "&b,c true", "*a", "<<", "=", "1", "0x1", "true # c", "true# c", "true\t", "\ttrue", "true ,", "[true]", "{}",
    "tr\\x65ue", "\"tr\\x65ue\"", "|\n        true",
];

/// Spellings of a number.
#[rustfmt::skip]
pub(super) const NUMBERS: [&str; 66] = [
    "0", "00", "-0", "+0", "0x0", "0X0", "0o0", "0O0", "0b0", "0B0", "0.0", "-0.0", "0e0", ".0", "0.", ".", "-", "--",
    "0_0", "_0", "0_", "1_000", "1__0", "1_0.0", "0.0_0", "1_.5", "017", "0o17", "08", "09", "-017", "0x10", "0x_1",
    "0x", "-0x1", "+0x1", "0b101", "0b", "0b-1", "-0b1", "1e3", "1E3", "1e", "1e+3", "1e400", "1e21", "1e-7",
    "0.00001", "1:30", "10:01:00", "!!int \"0\"", "!!int 0x0", "!!int 1:0", "!!float 0", "!!float \"0\"", "!!str 0",
    "\"0\"", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", ".inf", ".nan", "2001-01-01", "!!timestamp 2001-01-01",
];

/// Spellings of a key.
#[rustfmt::skip]
pub(super) const KEYS: [&str; 44] = [
    "\"privileged\"", "'privileged'", "\"privil\\u0065ged\"", "? privileged\n        ", "? \"privileged\" ",
    "!!str privileged", "&k privileged", "&k:l privileged", "&k? privileged", "!k privileged", "!k,privileged",
    "privileged ", "\"privileged\" ", "Privileged", "privi leged", "?privileged", "-privileged", "a:b", "a#b", "a,b",
    "*a", "*a ", "<<", "!!merge <<", "! <<", "\"<<\"", "=", "y", "yes", "1", "0x1", "1.0", "1e7", "~", "null", "true",
    "!!str true", "!!int 1", "!!binary cHJpdmlsZWdlZA==", "[a]", "{a: b}", "", "\u{a0}privileged",
    "privileged\u{200b}",
];

/// Whatever has a meaning in YAML, or has none and looks as if it had.
#[rustfmt::skip]
pub(super) const ANY: [&str; 110] = [
    " ", "  ", "    ", "\t", " \t", "\n", "\n\n", "\n  ", "\n    ", "\n      ", "\n        ", " \n", "\t\n", "\r",
    "\r\n", "\r\r\n", "#", " #", "#c\n", " # c\n", "\t# c\n", ":", ": ", ":\n", " :", "::", ":\t", "-", "- ", "-\n",
    "- -", "-\t", "?", "? ", "?\n", "? ? ", ",", ", ", "[", "]", "{", "}", "[]", "{}", "\"", "'", "\"\"", "''", "'' ",
    "&a ", "&a\n", "&a", "&a:b ", "*a", "*a ", "*a:", "*a :", "!", "! ", "!!", "!!str ", "!!int ", "!!null", "!x ",
    "!x,", "!x!y ", "!<x> ", "!<", "!!map\n", "!!seq ", "|", "|\n", "|-\n", ">+\n", ">-", "|2\n", "|10", "%",
    "%YAML 1.1\n", "%TAG ! tag:x,1:\n", "%F x\n", "@", "`", "~", "=", "<<: ", "<<: *a\n", "---", "\n---\n", "\n--- ",
    "\n---#", "--- # c\n", "\n...\n", "...", "\\", "\\\n", "\\u0041", "\\x", "_", "0", "true", "\u{85}", "\u{a0}",
    "\u{2028}", "\u{2029}", "\u{feff}", "\u{200b}", "\u{0}", "\u{7}", "é",
];

/// Pieces that matter in brackets.
#[rustfmt::skip]
pub(super) const FLOW: [&str; 72] = [
    "?", "? ", "?a", "?a: b", "?hostPID: true", "? hostPID: true", "?\n", ":", ": ", ":a", ":a: b", "a:", "a:,",
    "a: ,", "a :b", "a::b", ": b", "\"a\":", "\"a\":b", "\"a\": ", "'a':'b'", "\"a\" : ", "[a]: b", "{a: b}: c",
    "? [a] : b", "-", "- ", "-a", "- a", "--", ",", ", ", ",,", "[", "]", "{", "}", "[]", "{}", "\"", "'", "#", " #",
    "#c\n", " # c\n", "&a ", "&a", "&a,", "&a:b ", "*a", "*a ", "*a,", "*a:", "*a :", "!", "! ", "!x", "!x ", "!x,",
    "!x, ", "!!str ", "!!null", "!<x> ", "|", ">", "%", "@", "\n", "\n  ", "\n---", "<<: *a", "\t",
];
