#include "parts.hpp"

#include <nlohmann/json.hpp>

#include "am/forecast/numbers.hpp"
#include "cli/range_of.hpp"

namespace am::cli {

DateRange required_range(const std::optional<Date>& from, const std::optional<Date>& to) {
  if (!from || !to) throw Error(ErrorKind::usage, "needs --from and --to");
  return range_of(*from, *to);
}

void add_bounds(nlohmann::ordered_json& json, const forecast::Bounds& bounds) {
  json["y_hat"] = forecast::number_text(bounds.y_hat);
  json["y_lo"] = forecast::number_text(bounds.lo);
  json["y_hi"] = forecast::number_text(bounds.hi);
  json["y_lo80"] = forecast::number_text(bounds.lo80);
  json["y_hi80"] = forecast::number_text(bounds.hi80);
}

nlohmann::ordered_json number_json(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(forecast::number_text(*value)) : nlohmann::ordered_json();
}

}  // namespace am::cli
