#pragma once
// market.toml: the optional manifest of a market directory. Reads and checks its form only; whether the
// symbols exist is for market_dir.cpp to say, so each comes with its place in the file.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/file_read.hpp"

namespace am::market {

struct Manifest {
  struct Symbol {
    std::string name;
    std::string place;  ///< "path:line:column"
  };
  std::optional<std::string> name;
  std::optional<Symbol> benchmark;
  bool adjusted = false;  ///< all closes are adjusted for splits
  std::optional<std::string> universe_name;
  std::optional<Date> as_of;
  std::vector<Symbol> symbols;  ///< empty: not given
  std::string sha256;           ///< of the file; empty: there is none
};

/// Errors:  Error{data} with path, line and column for bad TOML, an unknown key (with the nearest known
///          one), a wrong type, an empty list or a repeated symbol; Error{no_input} when unreadable.
Manifest read_manifest(const std::filesystem::path& file, const kernel::Patience& patience);

}  // namespace am::market
