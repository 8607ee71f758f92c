#include "am/forecast/evaluate.hpp"
#include "row_values.hpp"

namespace am::forecast {

kernel::Statement ask_scores(const std::string& series) {
  return {
      "SELECT c.kind, to_char(c.as_of, 'YYYY-MM-DD') AS as_of, c.first_step, c.last_step, c.days, c.mase::text, "
      "c.naive_mase::text, c.seasonal_mase::text, c.smape::text, c.covered95::text, c.covered80::text FROM forecast.scores c "
      "WHERE c.series = $1 AND c.as_of = (SELECT max(n.as_of) FROM forecast.scores n WHERE n.series = $1 AND n.kind = c.kind) "
      "ORDER BY c.kind DESC, c.first_step",
      kernel::sql_values(series)};
}

std::vector<StoredScore> make_scores(const kernel::Rows& result) {
  std::vector<StoredScore> all;
  for (const kernel::Row row : result) {
    all.push_back({.kind = row.text("kind"),
                   .as_of = row.date("as_of"),
                   .span = {.first_step = static_cast<int>(row.integer("first_step")),
                            .last_step = static_cast<int>(row.integer("last_step")),
                            .days = static_cast<int>(row.integer("days")),
                            .mase = maybe_number(row, "mase"),
                            .naive_mase = maybe_number(row, "naive_mase"),
                            .seasonal_mase = maybe_number(row, "seasonal_mase"),
                            .smape = maybe_number(row, "smape"),
                            .covered95 = number(row, "covered95"),
                            .covered80 = number(row, "covered80")}});
  }
  return all;
}

}  // namespace am::forecast
