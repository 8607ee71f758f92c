// A partition's message: the payload of its item, and what a broker carries.

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/feed/types.hpp"

namespace am::feed {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostPartitionId = 40;
constexpr std::array<std::string_view, 7> kFields = {
    "runId", "partitionId", "priceMin", "priceMax", "expectedRecords", "isIncremental", "watermarkBefore"};

Reject refused(const std::string& what) { return Reject{"work item: " + what}; }

std::optional<std::string> text_field(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

/// From 0 on; 1000.0 is no whole number here, since nobody who means one writes it.
std::optional<long long> count_field(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() &&
      found->get<unsigned long long>() >
          static_cast<unsigned long long>(std::numeric_limits<long long>::max()))
    return std::nullopt;
  const auto value = found->get<long long>();
  return value < 0 ? std::nullopt : std::optional(value);
}

bool is_partition_id(std::string_view text) {
  return !text.empty() && text.size() <= kMostPartitionId &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

std::string WorkItemMessage::to_json() const {
  Json json = {
      {"runId", run_id},       {"partitionId", partition_id},         {"priceMin", price_min},
      {"priceMax", price_max}, {"expectedRecords", expected_records}, {"isIncremental", is_incremental}};
  if (watermark_before) json["watermarkBefore"] = *watermark_before;
  return json.dump();
}

Result<WorkItemMessage> WorkItemMessage::parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return refused("not a JSON object");
  for (const auto& [name, value] : json.items()) {
    if (std::ranges::find(kFields, name) == kFields.end())
      return refused("field " + shown(name) + " is not known");
  }
  WorkItemMessage message;
  const auto run_id = text_field(json, "runId");
  const auto canonical = run_id && is_uuid(*run_id) ? canonical_uuid(*run_id) : std::nullopt;
  if (!canonical) return refused("runId is no UUID");
  const auto partition_id = text_field(json, "partitionId");
  if (!partition_id || !is_partition_id(*partition_id))
    return refused("partitionId is no name of a partition");
  const auto price_min = count_field(json, "priceMin");
  const auto price_max = count_field(json, "priceMax");
  if (!price_min || !price_max) return refused("priceMin and priceMax are not both whole dollars");
  if (*price_max < *price_min) return refused("priceMax is below priceMin");
  const auto expected = count_field(json, "expectedRecords");
  if (!expected) return refused("expectedRecords is no count");
  const auto incremental = json.find("isIncremental");
  if (incremental == json.end() || !incremental->is_boolean())
    return refused("isIncremental is neither true nor false");
  if (json.contains("watermarkBefore")) {
    message.watermark_before = text_field(json, "watermarkBefore");
    if (!message.watermark_before || !parse_rfc3339(*message.watermark_before))
      return refused("watermarkBefore is no moment");
  }
  message.run_id = *canonical;
  message.partition_id = *partition_id;
  message.price_min = *price_min;
  message.price_max = *price_max;
  message.expected_records = *expected;
  message.is_incremental = incremental->get<bool>();
  return message;
}

}  // namespace am::feed
