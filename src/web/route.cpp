#include "route.hpp"

#include <algorithm>
#include <cstdint>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"

namespace am::web {

namespace {

constexpr long long kMaxSequence = 9'223'372'036'854'775'807;
/// Of a wrong value at most so much is repeated in the message.
constexpr std::size_t kMaxEcho = 60;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// nullopt: a '%' without two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

/// Cuts the text before the first separator off.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool same_segment(std::string_view pattern, std::string_view segment) {
  if (segment == pattern) return true;
  return segment.find('%') != std::string_view::npos && percent_decoded(segment, false) == pattern;
}

/// Whether the path is the pattern's; `argument` is then the segment in braces, as sent.
bool same_path(std::string_view pattern, std::string_view path, std::string_view& argument) {
  while (!pattern.empty() && !path.empty()) {
    if (pattern.front() != '/' || path.front() != '/') return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view want = pattern.substr(0, pattern.find('/'));
    const std::string_view got = path.substr(0, path.find('/'));
    if (want.starts_with('{')) {
      if (got.empty()) return false;
      argument = got;
    } else if (!same_segment(want, got)) {
      return false;
    }
    pattern.remove_prefix(want.size());
    path.remove_prefix(got.size());
  }
  return pattern.empty() && path.empty();
}

bool in_path(const Route& route, const Param& param) {
  const std::size_t open = route.path.find('{');
  return open != std::string_view::npos && route.path.substr(open + 1).starts_with(param.name) &&
         route.path.substr(open + 1 + param.name.size()).starts_with('}');
}

std::string_view expectation(ParamKind kind) {
  switch (kind) {
    case ParamKind::limit:
      return "1 to 100";
    case ParamKind::date:
      return "a date (YYYY-MM-DD)";
    case ParamKind::uuid:
      return "a uuid";
    case ParamKind::sequence:
      return "a positive integer";
  }
  return "";
}

/// The value in its one form; nullopt: not of that kind.
std::optional<std::string> canonical(ParamKind kind, std::string value) {
  bool good = false;
  switch (kind) {
    case ParamKind::limit:
      good = parse_integer(value, 1, 100).has_value();
      break;
    case ParamKind::date:
      good = Date::parse(value).has_value();
      break;
    case ParamKind::uuid:
      return canonical_uuid(value);
    case ParamKind::sequence:
      good = parse_integer(value, 1, kMaxSequence).has_value();
      break;
  }
  return good ? std::optional(std::move(value)) : std::nullopt;
}

/// Stores one parameter. Returns what is wrong with it; empty: nothing.
std::string store(const Param& param, std::string_view sent, bool plus_is_space, Args& args) {
  const std::string name(param.name);
  std::optional<std::string> value = percent_decoded(sent, plus_is_space);
  if (!value) return name + ": a percent sign without two hexadecimal digits";
  if (!is_valid_utf8(*value) || value->find('\0') != std::string::npos) return name + ": not text in UTF-8";
  std::optional<std::string> good = canonical(param.kind, *value);
  if (!good) {
    return name + ": expected " + std::string(expectation(param.kind)) + ", got " +
           ellipsize(*value, kMaxEcho);
  }
  args.emplace(name, std::move(*good));
  return {};
}

/// The parameters after '?'. Returns what is wrong; empty: nothing.
std::string read_query(const Route& route, std::string_view query, Args& args) {
  std::uint32_t seen = 0;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    for (std::size_t i = 0; i < route.params.size(); ++i) {
      const Param& param = route.params[i];
      if (!same_segment(param.name, name) || in_path(route, param) || ((seen >> i) & 1U) != 0) continue;
      seen |= 1U << i;
      if (value.empty()) continue;
      if (std::string problem = store(param, value, true, args); !problem.empty()) return problem;
    }
  }
  return {};
}

std::string_view error_code(int status) {
  switch (status) {
    case 400:
      return "invalid_argument";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 413:
      return "payload_too_large";
    case 414:
      return "uri_too_long";
    case 429:
      return "too_many_requests";
    case 431:
      return "headers_too_large";
    case 503:
      return "unavailable";
    case 505:
      return "http_version_not_supported";
    default:
      return "internal";
  }
}

}  // namespace

std::string param_schema(ParamKind kind) {
  switch (kind) {
    case ParamKind::limit:
      return R"({"type":"integer","minimum":1,"maximum":100,"default":20})";
    case ParamKind::date:
      return R"({"type":"string","format":"date"})";
    case ParamKind::uuid:
      return R"({"type":"string","format":"uuid"})";
    case ParamKind::sequence:
      return R"({"type":"string","pattern":"^[1-9][0-9]*$"})";
  }
  return "{}";
}

Document rendered(const Route& route, const Args& args, const Source& source) {
  if (route.render != nullptr) return route.render(args, source);
  return route.make(args, source.reader.read(route.ask(args)));
}

Result<Match, Mismatch> match(std::string_view target) {
  std::string_view query = target;
  const std::string_view path = take_until(query, '?');
  for (const Route& route : routes()) {
    std::string_view argument;
    if (!same_path(route.path, path, argument)) continue;
    Match found{.route = &route, .args = {}};
    std::string problem;
    for (const Param& param : route.params) {
      if (problem.empty() && in_path(route, param)) problem = store(param, argument, false, found.args);
    }
    if (problem.empty()) problem = read_query(route, query, found.args);
    if (!problem.empty()) return Mismatch{.status = 400, .message = std::move(problem), .route = &route};
    for (const Param& param : route.params) {
      if (param.kind == ParamKind::limit) found.args.try_emplace(std::string(param.name), "20");
    }
    return found;
  }
  return Mismatch{.status = 404, .message = "no such path, /openapi.json lists them", .route = nullptr};
}

Document error_document(int status, std::string_view message) {
  std::string body = R"({"error":{"code":")";
  body += error_code(status);
  body += R"(","message":)";
  body += json_text(message);
  body += "}}\n";
  return {.status = status, .content_type = kJsonType, .body = std::move(body)};
}

}  // namespace am::web
