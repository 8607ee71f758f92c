#pragma once
// Observations from where they are: a query in the configuration, or the closes that the price cache has. What a series
// names is a name; the query itself is the operator's and never comes from a table.

#include <optional>
#include <string>
#include <string_view>

#include "am/forecast/import.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

/// "sql:rides", "close:alpha-vantage/SPY".
struct SourceName {
  enum class Kind { sql, close } kind = Kind::sql;
  std::string name;    ///< of the query; the symbol
  std::string prices;  ///< of closes: which source they are from, since raw and adjusted never mix
  static std::optional<SourceName> parse(std::string_view text);
};

/// The days of a query that gives columns date and value; a value that is null is a day that is not known. Read only, in one
/// snapshot.
/// Errors:  data: a day twice, a value that is no finite number; as Sql::query.
SeriesObservations read_query(kernel::Db& db, const std::string& name, std::string sql);
/// Every final close of the symbol from that source. Errors: no_input: there is none.
SeriesObservations read_closes(kernel::Sql& sql, const SourceName& source);

}  // namespace am::forecast
