// Which built-in strategies there are.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "strategy/builtin/params.hpp"

namespace am::strategy {

namespace {
constexpr std::array<std::string_view, 4> kBuiltins{"mock", "sma_cross", "rsi_reversion", "momentum"};
}  // namespace

std::span<const std::string_view> builtin_names() { return kBuiltins; }

std::unique_ptr<Strategy> make_builtin(const StrategySpec& spec, const std::string& symbol,
                                       void (*log_line)(void* context, std::string_view line),
                                       void* context) {
  const std::vector<std::string> names(kBuiltins.begin(), kBuiltins.end());
  if (std::ranges::find(names, spec.code) == names.end()) {
    const std::string nearest = nearest_name(spec.code, names);
    throw Error(
        ErrorKind::usage,
        "builtin " + shown(spec.code) + ": there is no such strategy (expected " + join(names, ", ") + ")",
        nearest.empty() ? "" : "did you mean " + nearest + "?");
  }
  Params params(spec);
  if (spec.code == "sma_cross") return make_sma_cross(params);
  if (spec.code == "rsi_reversion") return make_rsi_reversion(params);
  if (spec.code == "momentum") return make_momentum(params);
  return make_mock(params, symbol, log_line, context);
}

}  // namespace am::strategy
