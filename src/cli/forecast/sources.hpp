#pragma once
// Brings the observations of series from their sources. Private.

#include <memory>
#include <vector>

#include "am/cli/context.hpp"
#include "am/forecast/store.hpp"

namespace am::cli {

/// Lives as long as the command.
class ForecastSources {
 public:
  explicit ForecastSources(Context& context) : context_(context) {}

  /// Errors:  usage, no_input, data: of this source; as kernel::open_db and Sql::query.
  forecast::ImportCounts sync(const forecast::SeriesInfo& series);

 private:
  forecast::SeriesObservations read(const forecast::SeriesInfo& series);
  kernel::Db& database();

  Context& context_;
  std::unique_ptr<kernel::Db> db_;
};

}  // namespace am::cli
