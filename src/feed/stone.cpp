// A payload's fields by name, read once and believed only as far as they can be.
// Source: the supplier's public GraphQL schema, type DiamondCertificate.

#include "am/feed/stone.hpp"

#include <array>
#include <utility>

#include <simdjson.h>

#include "am/base/text.hpp"
#include "escapes.hpp"

namespace am::feed {

namespace {

constexpr std::size_t kLongestText = 200;
constexpr std::array<std::pair<StoneType, std::string_view>, 3> kTypes = {
    {{StoneType::natural, "natural"}, {StoneType::lab, "lab"}, {StoneType::fancy, "fancy"}}};

/// What is looked at, as text, whatever its JSON type; empty: null, or not there.
struct RawStone {
  std::string price, discount;
  bool has_certificate = false;
  std::string labgrown, color, fancy_color, shape, clarity, cut, polish, symmetry, fluorescence, lab, number;
  std::string carats, length, width, depth, depth_percent, table;
};
using Field = std::pair<std::string_view, std::string RawStone::*>;

constexpr Field kOfItem[] = {{"price", &RawStone::price}, {"discount", &RawStone::discount}};
constexpr Field kOfCertificate[] = {
    {"labgrown", &RawStone::labgrown},   {"color", &RawStone::color},
    {"f_color", &RawStone::fancy_color}, {"shape", &RawStone::shape},
    {"clarity", &RawStone::clarity},     {"cut", &RawStone::cut},
    {"polish", &RawStone::polish},       {"symmetry", &RawStone::symmetry},
    {"floInt", &RawStone::fluorescence}, {"lab", &RawStone::lab},
    {"certNumber", &RawStone::number},   {"carats", &RawStone::carats},
    {"length", &RawStone::length},       {"width", &RawStone::width},
    {"depth", &RawStone::depth},         {"depthPercentage", &RawStone::depth_percent},
    {"table", &RawStone::table}};

namespace json = simdjson::ondemand;

/// A scalar's text; of a list or an object, and of null, nothing.
std::string scalar_text(json::value value) {
  switch (value.type()) {
    case json::json_type::string:
      return std::string(trim(std::string_view(value.get_string())));
    case json::json_type::number:
    case json::json_type::boolean:
      return std::string(trim(std::string_view(value.raw_json_token())));
    default:
      return {};
  }
}

void read_scalar(RawStone& raw, std::span<const Field> wanted, std::string_view key, json::value value) {
  for (const auto& [name, member] : wanted) {
    if (name == key) raw.*member = scalar_text(value);
  }
}

bool is_object(json::value value) { return value.type() == json::json_type::object; }

/// Throws simdjson_error for what is no JSON, or no object.
RawStone read_stone(std::string_view payload) {
  thread_local json::parser parser;
  const simdjson::padded_string padded(payload);
  json::document document = parser.iterate(padded);
  RawStone raw;
  for (auto of_item : document.get_object()) {
    const std::string_view key = of_item.unescaped_key();
    json::value value = of_item.value();
    if (key != "diamond" || !is_object(value)) {
      read_scalar(raw, kOfItem, key, value);
      continue;
    }
    for (auto of_diamond : value.get_object()) {
      if (std::string_view(of_diamond.unescaped_key()) != "certificate") continue;
      json::value certificate = of_diamond.value();
      raw.has_certificate = is_object(certificate);
      if (!raw.has_certificate) continue;
      for (auto field : certificate.get_object()) {
        const std::string_view name = field.unescaped_key();
        read_scalar(raw, kOfCertificate, name, field.value());
      }
    }
  }
  return raw;
}

std::optional<std::string> text_of(const std::string& raw) {
  if (raw.empty()) return std::nullopt;
  return recordable(raw, kLongestText);
}

/// Below the limit and with `places` places at most, rounded half-even; from `least` on.
std::optional<Decimal> measure(const std::string& raw, int places, long long limit, long long least = 0) {
  const auto value = Decimal::parse(raw);
  if (!value || *value < Decimal(least) || *value >= Decimal(limit)) return std::nullopt;
  return Decimal::of(value->to_fixed(places));
}

/// Whole cents, written as an integer or as one with zeros after its point.
std::optional<Decimal> dollars_of(const std::string& cents) {
  const auto value = Decimal::parse(cents);
  constexpr long long kMost = 100'000'000'000;  // a thousand million dollars
  if (!value || !value->is_positive() || *value > Decimal(kMost)) return std::nullopt;
  const std::string whole = value->to_fixed(0);
  if (Decimal::of(whole) != *value) return std::nullopt;
  return Decimal::of((*value / Decimal(100)).to_fixed(2));
}

StoneType type_of(const RawStone& raw) {
  if (raw.labgrown == "true") return StoneType::lab;
  const std::string color = to_lower(raw.color);
  return !raw.fancy_color.empty() || color.starts_with("fancy") ? StoneType::fancy : StoneType::natural;
}

}  // namespace

std::string_view stone_type_name(StoneType type) {
  for (const auto& [each, name] : kTypes) {
    if (each == type) return name;
  }
  return {};
}

std::optional<StoneType> stone_type_of(std::string_view name) {
  for (const auto& [type, each] : kTypes) {
    if (each == name) return type;
  }
  return std::nullopt;
}

Result<Stone> map_stone(std::string_view payload_json) {
  RawStone raw;
  try {
    raw = read_stone(without_unstorable_escapes(payload_json));
  } catch (const simdjson::simdjson_error& error) {
    return Reject{std::string("payload: ") + error.what()};
  }
  Stone stone;
  const auto price = dollars_of(raw.price);
  if (!price) return Reject{"price: expected whole cents above 0, got " + shown(raw.price)};
  if (!raw.has_certificate) return Reject{"diamond.certificate: is not there"};
  stone.feed_price = *price;
  stone.type = type_of(raw);
  stone.carats = measure(raw.carats, 4, 100'000);
  if (!raw.carats.empty() && (!stone.carats || stone.carats->is_zero()))
    return Reject{"diamond.certificate.carats: expected a weight, got " + shown(raw.carats)};
  stone.discount = measure(raw.discount, 3, 10'000, -10'000);
  stone.shape = text_of(raw.shape);
  stone.color = text_of(raw.color);
  stone.clarity = text_of(raw.clarity);
  stone.cut = text_of(raw.cut);
  stone.polish = text_of(raw.polish);
  stone.symmetry = text_of(raw.symmetry);
  stone.fluorescence = text_of(raw.fluorescence);
  stone.lab = text_of(raw.lab);
  stone.certificate_number = text_of(raw.number);
  stone.length_mm = measure(raw.length, 3, 100'000);
  stone.width_mm = measure(raw.width, 3, 100'000);
  stone.depth_mm = measure(raw.depth, 3, 100'000);
  stone.depth_percent = measure(raw.depth_percent, 3, 10'000);
  stone.table_percent = measure(raw.table, 3, 10'000);
  return stone;
}

}  // namespace am::feed
