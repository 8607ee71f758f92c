// Alpha Vantage's answers: whatever bytes arrive, they are judged and either parsed or rejected; closes that
// come out are sound.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "am/market/alpha_vantage.hpp"

namespace {

void check(const am::Result<am::market::Series>& parsed) {
  if (!parsed) {
    if (parsed.error().reason.empty()) std::abort();
    return;
  }
  const auto& closes = parsed->closes;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    if (!closes[i].close.is_positive() || parsed->refused.contains(closes[i].day)) std::abort();
    if (i > 0 && closes[i - 1].day >= closes[i].day) std::abort();
    if (am::Decimal::of(closes[i].close.to_string()) != closes[i].close) std::abort();
  }
}

void check(const am::Result<std::vector<am::market::CorporateAction>>& parsed) {
  if (!parsed) {
    if (parsed.error().reason.empty()) std::abort();
    return;
  }
  for (std::size_t i = 0; i < parsed->size(); ++i) {
    if (!(*parsed)[i].ratio.is_positive()) std::abort();
    if (i > 0 && (*parsed)[i - 1].day >= (*parsed)[i].day) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const am::DateRange always{am::Date(1, 1, 1), am::Date(9999, 12, 31)};
  check(am::market::parse_daily(body, "SPY", always));
  check(am::market::parse_quote(body, "SPY", always));
  check(am::market::parse_splits(body, "KO"));
  const am::kernel::Verdict verdict =
      am::market::judge_alpha_vantage({.status = 200, .body = std::string(body)}, am::Instant());
  if (verdict.kind != am::kernel::Verdict::Kind::accept && verdict.problem.empty()) std::abort();
  return 0;
}
