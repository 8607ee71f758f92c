// What a session goes on from, as text.

#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/strategy/routing.hpp"

namespace am::strategy {

namespace {

constexpr int kSnapshotVersion = 1;

Error not_a_snapshot(std::string_view why) {
  return {ErrorKind::data, "a session's snapshot: " + std::string(why),
          "it was written by another version; a session that is started anew has none"};
}

std::optional<Micros> moment_of(const nlohmann::json& json, const char* name) {
  if (!json.contains(name)) return std::nullopt;
  return json.at(name).get<Micros>();
}

}  // namespace

std::string SessionSnapshot::to_text() const {
  nlohmann::ordered_json json;
  json["version"] = kSnapshotVersion;
  if (last_bar) json["last_bar"] = *last_bar;
  if (last_trade) {
    json["last_trade"] = *last_trade;
    json["asked_at_trade"] = asked_at_trade;
  }
  json["seen"] = seen;
  if (muted_to) json["muted_to"] = *muted_to;
  json["strategy"] = strategy;
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

SessionSnapshot SessionSnapshot::parse(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) throw not_a_snapshot("it is no JSON object");
  try {
    if (const int version = json.at("version").get<int>(); version != kSnapshotVersion)
      throw not_a_snapshot("it is of another version (expected " + std::to_string(kSnapshotVersion) +
                           ", got " + std::to_string(version) + ")");
    return {.last_bar = moment_of(json, "last_bar"),
            .last_trade = moment_of(json, "last_trade"),
            .asked_at_trade = json.value("asked_at_trade", std::uint32_t{0}),
            .seen = json.at("seen").get<std::uint64_t>(),
            .muted_to = moment_of(json, "muted_to"),
            .strategy = json.at("strategy").get<std::string>()};
  } catch (const nlohmann::json::exception& e) {
    throw not_a_snapshot(e.what());
  }
}

}  // namespace am::strategy
