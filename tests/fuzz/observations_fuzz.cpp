// Any bytes: a file of observations is either refused with its place, or gives days that ascend, each once, with finite
// values; and what is written from them in the other form is read as the same.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/error.hpp"
#include "am/forecast/import.hpp"
#include "am/forecast/numbers.hpp"

namespace {

using am::forecast::ObservationFile;
using am::forecast::SeriesObservations;
using am::forecast::Twice;

void require(bool holds) {
  if (!holds) std::abort();
}

am::Date utc_day(const std::string& /*series*/, am::Instant at) {
  return am::Date{std::chrono::floor<std::chrono::days>(at)};
}

void check(const std::string& text, Twice twice) {
  try {
    const auto all = ObservationFile("f", text).read(twice, utc_day);
    std::string written = "series,date,value\n";
    for (const auto& [name, series] : all) {
      for (std::size_t i = 0; i < series.days.size(); ++i) {
        require(std::isfinite(series.days[i].value));
        require(i == 0 || series.days[i - 1].date < series.days[i].date);
        written += name + "," + series.days[i].date.to_string() + "," +
                   am::forecast::exact_text(series.days[i].value) + "\n";
      }
    }
    for (const auto& [name, series] : ObservationFile("f", written).read(Twice::refuse, utc_day))
      require(series.days == all.at(name).days);
  } catch (const am::Error& error) {
    require(error.kind() == am::ErrorKind::data && error.message().starts_with("f:"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(text, Twice::refuse);
  check(text, Twice::mean);
  return 0;
}
