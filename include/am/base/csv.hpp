#pragma once
// Reading RFC 4180 CSV from untrusted text, and writing it. Strict: a ragged row, an open quote or a
// NUL is a Reject that names its line, never a silently shorter row.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"

namespace am {

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header
  std::vector<int> lines;                      ///< line number of each row in the text, 1-based
};

/// Shape:   first record is the header; LF or CRLF; a UTF-8 byte-order mark and blank lines are skipped.
/// Errors:  Reject "line 7: …" for a ragged row, a stray quote, an open quote at the end, a NUL byte, an
///          empty text, an empty or repeated header name, or a text above 64 MiB.
/// Threads: pure.
/// separator: ',' ';' or a tab.
Result<CsvTable> parse_csv(std::string_view text, char separator = ',');
/// Where a field begins: the byte of that line of the text, from 1. line: of CsvTable; field: its place in the record.
/// For messages: it reads the text again.
int csv_column(std::string_view text, int line, std::size_t field, char separator = ',');

/// Text of anybody's as a field for people and their spreadsheets: printable(), and with a ' before what a spreadsheet
/// would take for a formula (= + - @, also full-width). A number is none: "-1.5" stays.
std::string csv_text(std::string_view text);

/// One record with LF; fields are quoted only when they must be.
std::string csv_record(std::span<const std::string> fields);

}  // namespace am
