#include "am/web/route.hpp"

#include <algorithm>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "answers.hpp"
#include "params.hpp"

namespace am::web {

namespace {

constexpr long long kMaxSequence = 9'223'372'036'854'775'807;
constexpr std::size_t kMaxName = 63;

bool is_param_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxName && plain(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return plain(c) || c == '_' || c == '.' || c == ':' || c == '-'; });
}

}  // namespace

std::string_view expectation(ParamKind kind) {
  switch (kind) {
    case ParamKind::limit:
      return "1 to 100";
    case ParamKind::date:
    case ParamKind::date_cursor:
      return "a date (YYYY-MM-DD)";
    case ParamKind::uuid:
      return "a uuid";
    case ParamKind::sequence:
      return "a positive integer";
    case ParamKind::name:
      return "1 to 63 letters, digits and _ . : -, the first a letter or digit";
  }
  return "";
}

std::optional<std::string> canonical(ParamKind kind, std::string value) {
  bool good = false;
  switch (kind) {
    case ParamKind::limit:
      good = parse_integer(value, 1, 100).has_value();
      break;
    case ParamKind::date:
      good = Date::parse(value).has_value();
      break;
    case ParamKind::date_cursor:
      good = value == "infinity" || Date::parse(value).has_value();
      break;
    case ParamKind::uuid:
      return canonical_uuid(value);
    case ParamKind::sequence:
      good = parse_integer(value, 1, kMaxSequence).has_value();
      break;
    case ParamKind::name:
      good = is_param_name(value);
      break;
  }
  return good ? std::optional(std::move(value)) : std::nullopt;
}

std::string param_schema(ParamKind kind) {
  switch (kind) {
    case ParamKind::limit:
      return R"({"type":"integer","minimum":1,"maximum":100,"default":20})";
    case ParamKind::date:
      return R"({"type":"string","format":"date"})";
    case ParamKind::date_cursor:
      return R"({"type":"string","pattern":"^([0-9]{4}-[0-9]{2}-[0-9]{2}|infinity)$"})";
    case ParamKind::uuid:
      return R"({"type":"string","format":"uuid"})";
    case ParamKind::sequence:
      return R"({"type":"string","pattern":"^[1-9][0-9]*$"})";
    case ParamKind::name:
      return R"({"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$"})";
  }
  return "{}";
}

Document rendered(const Route& route, const Args& args, const Source& source) {
  if (route.render != nullptr) return route.render(args, source);
  return route.make(args, source.reader.read(route.ask(args)));
}

int limit_of(const Args& args) { return std::stoi(args.at("limit")); }

std::optional<std::string> maybe_arg(const Args& args, std::string_view name) {
  const auto found = args.find(name);
  return found == args.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace am::web
