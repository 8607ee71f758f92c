// Bars of a CSV file: what is read is in order and can be, and nothing else than Error{data} is thrown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/error.hpp"
#include "am/strategy/bars.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace am::strategy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::vector<Bar> bars = parse_bars_csv(text, "fuzz.csv");
    for (std::size_t i = 0; i < bars.size(); ++i)
      if (!is_possible(bars[i]) || (i > 0 && bars[i].start <= bars[i - 1].start)) std::abort();
  } catch (const am::Error& error) {
    if (error.kind() != am::ErrorKind::data) std::abort();
  }
  return 0;
}
