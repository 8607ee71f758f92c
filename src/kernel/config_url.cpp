#include "config_url.hpp"

#include <algorithm>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kScheme = "://";

/// "https://a.example/v1" of "https://a.example/v1/chat/completions/"; empty: the URL does not end so.
std::string before_endpoint(const ConfigKey& key, std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  if (key.endpoint.empty() || !to_lower(url).ends_with(key.endpoint)) return {};
  return std::string(url.substr(0, url.size() - key.endpoint.size()));
}

bool names_a_host(std::string_view url) {
  std::string_view host = url.substr(url.find(kScheme) + kScheme.size());
  host = host.substr(0, host.find('/'));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.back() != ']';
  if (has_port && (colon + 1 == host.size() ||
                   host.substr(colon + 1).find_first_not_of("0123456789") != std::string_view::npos))
    return false;
  return !host.substr(0, has_port ? colon : host.size()).empty();
}

}  // namespace

std::string wanted_of_url(const ConfigKey& key, std::string_view url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return "an http or https URL";
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c == 0x7F; }))
    return "a URL without blanks";
  if (url.find_first_of("?#") != std::string_view::npos) return "a base URL without a query or fragment";
  if (!names_a_host(url)) return "a URL with a host";
  if (!before_endpoint(key, url).empty())
    return "a base URL, to which " + std::string(key.endpoint) + " is added";
  return {};
}

std::string hint_for_url(const ConfigKey& key, std::string_view url) {
  url = trim(url.substr(0, url.find_first_of("?#")));
  const std::string shorter = before_endpoint(key, url);
  const std::string right = shorter.empty() ? std::string(url) : shorter;
  return "such as " +
         (wanted_of_url(key, right).empty() ? without_user_info(right) : std::string(key.default_value));
}

std::string without_user_info(std::string_view text) {
  std::string out;
  for (auto scheme = text.find(kScheme); scheme != std::string_view::npos; scheme = text.find(kScheme)) {
    const auto start = scheme + kScheme.size();
    out.append(text.substr(0, start));
    text.remove_prefix(start);
    // A password may hold a / that is not encoded: then what looks like a port is none.
    const std::string_view value = text.substr(0, text.find_first_of(" ,\"'"));
    std::string_view authority = value.substr(0, value.find_first_of("/?#"));
    const auto colon = authority.find(':');
    const bool odd_port = colon != std::string_view::npos && authority.substr(colon + 1).find_first_not_of(
                                                                 "0123456789") != std::string_view::npos;
    if (odd_port && authority.find('@') == std::string_view::npos) authority = value;
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
      out.append("***");
      text.remove_prefix(at);
    }
  }
  return out.append(text);
}

}  // namespace am::kernel
