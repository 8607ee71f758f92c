#include "am/web/router.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "params.hpp"
#include "service.hpp"

namespace am::web {

namespace {

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

bool is_page(const std::vector<Route>& routes, std::string_view path) {
  std::string_view argument;
  return std::ranges::any_of(
      routes, [&](const Route& route) { return route.is_page() && same_path(route.path, path, argument); });
}

/// Where the page is that somebody means who asked for this path, which is none; empty: nowhere.
std::string page_elsewhere(const std::vector<Route>& routes, std::string_view path) {
  constexpr std::string_view kBelow = "/pages";
  if (path == "/favicon.ico") return std::string(kIconPath);
  std::string_view shorter = path;
  while (shorter.ends_with('/')) shorter.remove_suffix(1);
  if (shorter == kBelow) return "/";
  if (shorter != path && is_page(routes, shorter)) return std::string(shorter);
  const std::string below = std::string(kBelow) + std::string(shorter);
  const bool known = std::ranges::any_of(routes, [&](const Route& route) { return route.path == shorter; });
  return shorter.rfind('/') == 0 && !known && is_page(routes, below) ? below : std::string();
}

const Route& route_at(const Section& section, std::string_view path) {
  const auto found = std::ranges::find(section.routes, path, &Route::path);
  if (found != section.routes.end()) return *found;
  throw Error(ErrorKind::bug, std::string(section.name) + ": no route " + std::string(path));
}

}  // namespace

Router::Router(std::span<const Section* const> sections)
    : sections_(sections.begin(), sections.end()), style_(shared_style()) {
  for (const Section* section : sections_) {
    routes_.insert(routes_.end(), section->routes.begin(), section->routes.end());
    style_ += section->style;
    if (about_.empty()) about_ = section->about;
    if (!home_.empty() || section->home.empty()) continue;
    home_ = section->home;
    Route& first = routes_.emplace_back(route_at(*section, home_));
    first.path = "/";
    first.name = "page_home";
  }
  for (auto route = routes_.begin(); route != routes_.end(); ++route) {
    const bool twice = std::any_of(routes_.begin(), route, [&](const Route& other) {
      return other.path == route->path || other.name == route->name;
    });
    if (twice) throw Error(ErrorKind::bug, "two routes: " + std::string(route->path));
  }
  style_path_ = "/style.css?v=" + sha256_hex(style_).substr(0, 12);
}

Result<Match, Mismatch> Router::match(std::string_view target) const {
  std::string_view query = target;
  const std::string_view path = take_until(query, '?');
  for (const Route& route : routes_) {
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
  if (std::string elsewhere = page_elsewhere(routes_, path); !elsewhere.empty()) {
    elsewhere += target.substr(path.size());
    return Mismatch{.status = 308, .message = "the page is elsewhere", .location = std::move(elsewhere)};
  }
  return Mismatch{.status = 404, .message = "no such path, /openapi.json lists them"};
}

Router site_router(std::span<const Section* const> desks) {
  std::vector<const Section*> sections(desks.begin(), desks.end());
  sections.push_back(&service_section());
  return Router(sections);
}

}  // namespace am::web
