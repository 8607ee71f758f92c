#pragma once
// Which models forecast, and how each is asked: in the space that it works in, answered in the series' own values.

#include <memory>
#include <string_view>

#include "prepare.hpp"

namespace am::forecast {

enum class Space { work, level };

struct PoolModel {
  std::string_view name;
  Space space;
  Fit fit;
  bool own_deviations = false;  ///< a part of the bounds
  bool with_logs_only = false;  ///< without them it is another one again
};

struct Pool {
  std::string_view kind;  ///< "pool", "short", "intermittent"
  std::span<const PoolModel> models;
};

/// The pool for a series with so many days before its oldest origin.
Pool pool_for(const Prepared& series, int oldest);

/// A series as models are to see it: without its holidays.
struct View {
  std::vector<double> work;
  std::vector<double> level;
};
View view_of(const Prepared& series, std::span<const double> holiday_effects);

/// What a fitted model says, in values; never less than the floor.
std::vector<Path> ask(const PoolModel& model, const Fitted& fitted, const Prepared& series, const View& view,
                      std::span<const int> origins, int horizon);

/// Least value a forecast may have: where logs were taken it stays positive.
double floor_of(const Prepared& series, const View& view);

}  // namespace am::forecast
