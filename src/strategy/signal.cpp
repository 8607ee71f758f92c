#include "am/strategy/signal.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "am/base/hash.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kOrderDigits = 40;
constexpr int kMostPlaces = 9;

/// The shortest text of a double that has few digits, as most prices have; nothing: it takes the long way.
/// Below 10^15 a decimal of 15 digits is its double's shortest text when it reads back as it.
std::optional<Decimal> few_places(double value) {
  constexpr double kScale = 1e4;
  constexpr double kMostScaled = 1e15;
  static const Decimal kUnit = Decimal::of("0.0001");
  static const std::array<Decimal, 4> kUnits{Decimal(1), Decimal::of("0.1"), Decimal::of("0.01"),
                                             Decimal::of("0.001")};
  if (!(value > 0) || value * kScale >= kMostScaled) return std::nullopt;
  auto scaled = static_cast<long long>(std::llround(value * kScale));
  if (scaled == 0 || static_cast<double>(scaled) / kScale != value) return std::nullopt;
  std::size_t places = 4;
  for (; places > 0 && scaled % 10 == 0; --places) scaled /= 10;
  return Decimal(scaled) * (places == 4 ? kUnit : kUnits[places]);
}

/// Half-even to 9 places, without zeros at the end.
Decimal shortest_places(const Decimal& value) {
  std::string text = value.to_fixed(kMostPlaces);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return Decimal::of(text);
}

std::string uuid_v8(std::string_view hex) {
  constexpr std::string_view kVariants = "89ab";
  const auto digit = static_cast<std::size_t>(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10);
  return fmt::format("{}-{}-8{}-{}{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     kVariants[digit % 4], hex.substr(17, 3), hex.substr(20, 12));
}

std::string order_id(std::string_view hex) { return "am-" + std::string(hex.substr(0, kOrderDigits)); }

}  // namespace

SignalIds signal_ids(const SignalKey& key) {
  const std::string hex = sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n", key.session_id, key.strategy_id,
                                                 key.timeframe, key.event, key.ordinal));
  return {uuid_v8(hex), order_id(hex)};
}

std::string client_order_id_of(std::string_view signal_id) { return order_id(sha256_hex(signal_id)); }

Result<Decimal> exact_amount(double value, std::string_view what) {
  if (const auto quick = few_places(value)) {
    if (value < kMostAmount) return *quick;
  }
  if (!std::isfinite(value)) return Reject{fmt::format("{}: it is not finite (got {})", what, value)};
  if (value >= kMostAmount)
    return Reject{fmt::format("{}: it is too large (expected below {}, got {})", what, kMostAmount, value)};
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const auto exact = Decimal::parse({text.data(), static_cast<std::size_t>(end - text.data())});
  if (!exact || !exact->is_positive())
    return Reject{fmt::format("{}: it is not positive (got {})", what, value)};
  const Decimal amount = shortest_places(*exact);
  if (!amount.is_positive())
    return Reject{fmt::format("{}: it is nothing with {} places (got {})", what, kMostPlaces, value)};
  return amount;
}

}  // namespace am::strategy
