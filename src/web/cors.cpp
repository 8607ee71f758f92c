#include "am/web/cors.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"

namespace am::web {

namespace {

bool is_label(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// "a.example.org", in lower case.
bool is_name(std::string_view text) { return std::ranges::all_of(split(text, '.'), is_label); }

bool is_host(std::string_view text) {
  if (!text.starts_with('[')) return is_name(text);
  return text.size() > 2 && text.ends_with(']') &&
         text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdef:.") == text.npos;
}

/// Whose pages a browser reads by other sites' leave.
bool is_scheme(std::string_view text) { return text == "http" || text == "https"; }

Error not_an_origin(std::string_view text) {
  return {
      ErrorKind::config, "server.cors_allow_origins: not an origin: " + ellipsize(text, 80),
      "expected https://host or https://host:port, https://*.host for all below it, with commas between, or *"};
}

}  // namespace

CorsOrigins CorsOrigins::parse(std::string_view text) {
  constexpr std::string_view kBelow = "*.";
  CorsOrigins origins;
  for (const std::string& part : split(text, ',')) {
    const std::string origin = to_lower(trim(part));  // as browsers write it
    if (origin.empty()) continue;
    if (origin == "*") {
      origins.any_ = true;
      continue;
    }
    const std::size_t mark = origin.find("://");
    if (mark == origin.npos || !is_scheme(origin.substr(0, mark))) throw not_an_origin(part);
    const std::string scheme = origin.substr(0, mark + 3);
    std::string host = origin.substr(mark + 3);
    const bool below = host.starts_with(kBelow);
    if (below) host.erase(0, kBelow.size());
    std::string port;
    if (const std::size_t colon = host.rfind(':'); colon != host.npos && !host.ends_with(']')) {
      port = host.substr(colon);
      host.erase(colon);
      if (!parse_integer(port.substr(1), 1, 65535)) throw not_an_origin(part);
    }
    if (below ? !is_name(host) : !is_host(host)) throw not_an_origin(part);
    // Browsers leave a scheme's own port out.
    if ((scheme == "https://" && port == ":443") || (scheme == "http://" && port == ":80")) port.clear();
    const std::string rest = host + port;
    origins.patterns_.push_back(below ? Pattern{scheme, "." + rest} : Pattern{"", scheme + rest});
  }
  return origins;
}

std::string_view CorsOrigins::allowed(std::string_view origin) const {
  if (origin.empty()) return {};
  if (any_) return "*";
  const bool found = std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    const auto& [before, after] = pattern;
    if (before.empty()) return origin == after;
    return origin.size() > before.size() + after.size() && origin.starts_with(before) &&
           origin.ends_with(after) &&
           is_name(origin.substr(before.size(), origin.size() - before.size() - after.size()));
  });
  return found ? origin : std::string_view();
}

}  // namespace am::web
