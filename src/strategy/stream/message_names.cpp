#include "am/strategy/messages.hpp"

namespace am::strategy {

std::string subscription_set(AssetType type) { return "active_subscriptions:" + std::string(name_of(type)); }

std::string_view name_of(MessageReject reject) {
  static constexpr std::array<std::string_view, kMessageRejects> kNames{
      "too_large",     "not_json",   "not_an_object",  "missing_field",
      "wrong_type",    "bad_symbol", "other_symbol",   "bad_timeframe",
      "bad_timestamp", "impossible", "unknown_action", "unknown_asset_type"};
  return kNames[static_cast<std::size_t>(reject)];
}

}  // namespace am::strategy
