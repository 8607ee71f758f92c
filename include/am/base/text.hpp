#pragma once
// Small operations on text that several layers need. No locale, ASCII only where case matters.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace am {

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
bool is_valid_utf8(std::string_view text);
/// Length of the well-formed UTF-8 sequence at the front of text, which is not empty; 0: there is none (Unicode table 3-7).
std::size_t utf8_sequence(std::string_view text);
/// The first `bytes` of text, cut at a UTF-8 boundary, with "…" when something was cut.
std::string ellipsize(std::string_view text, std::size_t bytes);
/// One line that may be shown and stored: a space for each control character that is white space (the end of a line, a
/// tab); a '?' for every other one (U+007F to U+009F too), for the marks that turn the direction of text (U+202E and its
/// like), and for each byte that is not UTF-8. A terminal obeys those instead of showing them.
std::string printable(std::string_view text);
/// printable() would change nothing.
bool is_printable(std::string_view text);
/// Text of several lines, each made printable; tabs stay.
std::string printable_lines(std::string_view text);
/// JSON on one line that says the same, with \uXXXX for what printable() would replace.
std::string printable_json(std::string_view json);
/// Outside text for a message: printable, trimmed, `bytes` long at most (and "…").
std::string one_line(std::string_view text, std::size_t bytes = 300);
/// For a record: `bytes` long at most, and U+FFFD for NUL, which PostgreSQL's JSON cannot hold.
std::string recordable(std::string_view text, std::size_t bytes);
/// Outside text in quotes: printable, 40 bytes long at most, not trimmed: 'AAPL'.
std::string shown(std::string_view text);

/// The candidate that a mistyped word most likely meant, by Damerau-Levenshtein distance; empty when
/// none is near (distance above a third of the word's length, at least 1).
std::string nearest_name(std::string_view word, std::span<const std::string> candidates);

/// A whole decimal integer: optional '-', digits, nothing else, no leading zeros but "0", within
/// [low, high]. nullopt otherwise ("012" is refused, not octal).
std::optional<long long> parse_integer(std::string_view text, long long low, long long high);

/// A length of time as people write it: a whole number from 1 on and a unit, without a space: s, min, h, day or days
/// ("90s", "15min", "4h", "2days"). nullopt otherwise, and above ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
/// "5 s", or "250 ms" when it is no whole number of seconds.
std::string seconds_text(std::chrono::milliseconds duration);

}  // namespace am
