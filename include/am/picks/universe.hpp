#pragma once
// The names that a picker could have chosen from, and the closes that the verdict needs of them: read for a report, and
// fetched from a vendor little by little. A `csv:` directory names its universe itself; for a vendor it is the file that
// picks.universe names.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/beta.hpp"
#include "am/picks/history.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {

// --- for a report -----------------------------------------------------------------------------------------

/// What is known of one price source.
struct SourceCloses {
  std::string source;
  std::optional<market::Universe> universe;  ///< none: no control
  std::string problem;                       ///< why there is no universe, or none of the closes: a warning
  ClosesBySymbol
      closes;  ///< of the universe, the picks and the benchmarks, from kClosesBefore the first baseline on
};
/// By price source; the answer lives as long as the function.
using ClosesOf = std::function<const SourceCloses&(const std::string& source)>;

/// Calendar days that hold the sessions of a beta, with room for a week of closings.
inline constexpr int kClosesBefore = 150;

/// What a report about these batches needs of a source.
struct WantedCloses {
  std::string source;
  std::set<std::string> symbols;  ///< canonical: picks and benchmarks
  Date from;
  Date to;
};
/// By source.
std::vector<WantedCloses> wanted_closes(const std::vector<BatchHistory>& histories);

/// Where the universes are.
struct UniverseFiles {
  std::string path;  ///< picks.universe; empty: not set
  kernel::Patience patience{};
};

/// A source's closes, whole. A universe or directory that cannot be read is its `problem`.
///
/// Errors:  as `query`, which asks the database.
SourceCloses read_closes(const WantedCloses& wanted, const UniverseFiles& files,
                         const std::function<kernel::Rows(const kernel::Statement&)>& query);

// --- for a vendor -----------------------------------------------------------------------------------------

/// A name whose newest cached close is so many sessions old is asked for: an answer has 100, so 40 are to spare.
inline constexpr int kUniverseStale = 60;
/// As many in one go: a minute's budget of 5 lets them take five minutes.
inline constexpr int kUniverseAtOnce = 20;

struct UniverseFetch {
  int fetched = 0;
  int due = 0;  ///< left for later, because the source's budget is spent or it is away
  std::vector<std::string> warnings;
};

/// Fetches closes of the universe that are due, one call a symbol, until the day's budget is spent. For whoever has seen that
/// no pick and no benchmark waits for the same budget. A name that the source does not know is asked for again when it is
/// due again.
///
/// Errors:  interrupted, terminated, and what the database throws; a source that cannot answer ends it without one.
UniverseFetch fetch_universe(Workbench& bench, const std::string& source, const market::Universe& universe);

}  // namespace am::picks
