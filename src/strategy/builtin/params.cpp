#include "strategy/builtin/params.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/strategy/signal.hpp"

namespace am::strategy {

struct Params::State {
  std::string strategy;
  nlohmann::json values;
  std::vector<std::string> asked{};

  [[noreturn]] void fail(const std::string& problem, const std::string& hint = {}) const {
    throw Error(ErrorKind::usage, strategy + " params: " + problem, hint);
  }
  [[noreturn]] void refuse(const std::string& name, const std::string& expected) const {
    constexpr std::size_t kMostShown = 40;
    const std::string got = values.at(name).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    fail(name + ": expected " + expected + " (got " + one_line(got, kMostShown) + ")");
  }
  /// NaN: it is there, and no number.
  double number(const std::string& name, double otherwise) {
    asked.push_back(name);
    const auto found = values.find(name);
    if (found == values.end()) return otherwise;
    return found->is_number() ? found->get<double>() : std::nan("");
  }
};

Params::Params(const StrategySpec& spec)
    : state_(std::make_unique<State>(
          State{.strategy = spec.code, .values = nlohmann::json::parse(spec.params, nullptr, false)})) {
  if (!state_->values.is_object())
    state_->fail("no JSON object (got " + shown(spec.params) + ")", R"(as {"period": 15, "quantity": 1})");
}

Params::~Params() = default;

int Params::whole(const std::string& name, int otherwise, int low, int high) {
  const double number = state_->number(name, otherwise);
  if (!(number >= low && number <= high) || number != std::floor(number))
    state_->refuse(name, fmt::format("a whole number from {} to {}", low, high));
  return static_cast<int>(number);
}

double Params::number(const std::string& name, double otherwise, double low, double high) {
  const double number = state_->number(name, otherwise);
  if (!(number >= low && number <= high))
    state_->refuse(name, fmt::format("a number from {} to {}", low, high));
  return number;
}

double Params::quantity() {
  const std::string name = "quantity";
  const double number = state_->number(name, 1);
  if (!exact_amount(number, name))
    state_->refuse(name, "a number above 0, with 9 places at most, below 10^12");
  return number;
}

void Params::end() const {
  for (const auto& [name, value] : state_->values.items()) {
    if (std::ranges::find(state_->asked, name) != state_->asked.end()) continue;
    const std::string nearest = nearest_name(name, state_->asked);
    const std::string known = join(state_->asked, ", ");
    state_->fail(shown(name) + ": there is no such parameter" +
                     (known.empty() ? " (it has none)" : " (expected " + known + ")"),
                 nearest.empty() ? "" : "did you mean " + nearest + "?");
  }
}

}  // namespace am::strategy
