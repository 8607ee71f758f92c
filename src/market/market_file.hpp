#pragma once
// One CSV file of a market directory: how it is laid out, and its closes. Private to market_dir.cpp and
// market_manifest.cpp, which also share the checks on outside text here. Everything doubtful is refused
// with "path:line:"; nothing is repaired or skipped.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/file_read.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/market/prices.hpp"

namespace am::market {

/// Throws Error{data, "place: problem"}.
[[noreturn]] void refuse(const std::string& place, const std::string& problem, std::string hint = {});

/// Errors:  Error{no_input} when it cannot be read; Error{data} above 64 MiB, with a NUL byte or not UTF-8; as
///          kernel::read_file for a pipe.
std::string read_text(const std::filesystem::path& file, const kernel::Patience& patience);

struct Column {
  std::string symbol;  ///< canonical (symbol.hpp)
  std::size_t index = 0;
};

/// Where a file keeps its days and the closes of its symbols.
struct Layout {
  std::size_t date = 0;
  std::vector<Column> columns;
};

/// Reads no more than the header line: 'date' and then one column per symbol, or 'date' and 'close'.
///
/// Errors:  as read_text; Error{data} for any other header and for a symbol that cannot be one.
Layout read_layout(const std::filesystem::path& file, const kernel::Patience& patience);

/// Shape:   one series per column of the layout, ascending; an empty cell is no close, and one that cannot be a price
///          is among the refused, with path and line.
/// Errors:  as read_text; Error{data} for a bad day and for days that do not ascend.
std::vector<Series> read_series(const std::filesystem::path& file, const Layout& layout,
                                const kernel::Patience& patience);

/// splits.csv: 'symbol', 'day', 'ratio', in any order and with any others beside them.
///
/// Shape:   as in the file; source is given. A symbol need not be one that the directory has closes of.
/// Errors:  as read_text; Error{data} for another header, a symbol, day or ratio that cannot be one, and a second row for
///          a symbol's day.
std::vector<CorporateAction> read_splits(const std::filesystem::path& file, const std::string& source,
                                         const kernel::Patience& patience);

}  // namespace am::market
