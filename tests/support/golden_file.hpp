#pragma once
// The text format of a golden case (tests/golden/<area>/<case>.golden): entries in the order in which they happen.
//
//   # A comment. The first one says what the case shows.
//   key: value
//   | a block line of the entry above; "|" alone is an empty line
//   \ no newline at the end
//
// What the keys mean is in golden.hpp. Nothing here knows them.

#include <filesystem>
#include <string>
#include <vector>

namespace am::test {

struct GoldenEntry {
  std::string key;
  std::string value;
  std::string block;  ///< with its line ends
  bool has_block = false;
  int line = 0;
  std::vector<std::string> before{};  ///< blank lines and comments above it
};

struct GoldenFile {
  std::filesystem::path path;
  std::vector<GoldenEntry> entries;
  std::vector<std::string> after;  ///< below the last entry

  /// Errors:  std::runtime_error "path:line: problem".
  static GoldenFile read(const std::filesystem::path& path);
  /// The file's text again; read(text()) is the same.
  std::string text() const;
};

}  // namespace am::test
