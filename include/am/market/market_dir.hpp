#pragma once
// Prices from a directory (`csv:DIR`): every *.csv in it, and an optional market.toml that names the
// market, its benchmark and its universe. A file is either wide (first column "date", every other column
// a symbol) or of one symbol (a "date" and a "close" column; the symbol is the file's name). An empty
// cell is a day without a close. Headers are read at the first question, a file's rows when the first of
// its symbols is asked for. Nothing is repaired: what is doubtful is refused with path and line.
//
// Closes are taken as traded, and splits.csv, if there is one, holds the splits; unless market.toml says that all of them
// are adjusted for splits.
//
//   market.toml:  name = "..."   benchmark = "SPX"   adjusted = true
//                 [universe]     name = "..."   as_of = 1998-12-31   symbols = ["AA", "AXP"]

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/file_read.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/market/prices.hpp"

namespace am::market {

/// The symbols that a picker may choose from, and the day on which that list was true.
struct Universe {
  std::string name;
  std::optional<Date> as_of;
  std::vector<std::string> symbols;  ///< in the order given; the default universe is sorted
  std::string sha256{};              ///< of the file that names them; empty: none does
};

/// A universe from a file that has a [universe] as market.toml does.
///
/// Shape:   as_of is set; kFewestNames to kMostNames symbols, canonical.
/// Errors:  no_input when it cannot be read; data "path:line:column" for anything else.
Universe read_universe(const std::filesystem::path& file, const kernel::Patience& patience = {});
inline constexpr std::size_t kFewestNames = 20;  ///< fewer are no crowd to stand out of
inline constexpr std::size_t kMostNames = 600;   ///< each costs a call in twelve weeks

/// Shape:   symbols are canonical (symbol.hpp) whatever the files write, and are asked for in any spelling of theirs;
///          reaches_back_to is always nullopt: what is not in the files does
///          not exist, however old.
/// Errors:  Error{no_input} when the directory is missing or holds no CSV file; Error{data} with
///          "path:line:" for anything malformed, unsorted or duplicate, an
///          unknown key in market.toml, a file above 64 MiB, with a NUL byte or not UTF-8; as kernel::read_file for a
///          market.toml that is a pipe.
/// Owns:    the closes it has read, until it goes away; the files may change or vanish after that.
/// Threads: all members may be called from any thread.
class CsvMarket final : public PriceProvider {
 public:
  /// Only looks whether the directory is there.
  explicit CsvMarket(const std::filesystem::path& directory, const kernel::Patience& patience = {});
  ~CsvMarket() override;

  const std::string& source() const override;  ///< "csv:" and the canonical absolute path
  bool local() const override { return true; }
  Series fetch(std::string_view symbol, DateRange range) override;
  Adjustment adjustment() override;                       ///< none, or whole where market.toml says so
  std::vector<CorporateAction> known_actions() override;  ///< splits.csv

  /// The market's name; without market.toml the directory's.
  const std::string& name();
  /// The benchmark that market.toml names.
  std::optional<std::string> benchmark();
  /// As in market.toml; by default all symbols except the benchmark, as of the last day in the files
  /// (which then reads all of them).
  const Universe& universe();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::market
