// Any bytes: parse_csv either refuses with a line, or gives a table that is rectangular and that reads
// back the same after csv_record wrote it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/csv.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view text) {
  const auto table = am::parse_csv(text);
  if (!table) {
    require(table.error().reason.starts_with("line "));
    return;
  }
  require(!table->header.empty() && table->rows.size() == table->lines.size());
  std::string written = am::csv_record(table->header);
  int line = 0;
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    require(table->rows[i].size() == table->header.size());
    require(table->lines[i] > line);
    line = table->lines[i];
    written += am::csv_record(table->rows[i]);
  }
  const auto again = am::parse_csv(written);
  require(again.has_value() && again->header == table->header && again->rows == table->rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
