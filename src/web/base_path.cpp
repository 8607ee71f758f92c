#include "base_path.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/web/site.hpp"

namespace am::web {

namespace {

bool is_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
  });
}

std::string_view first_segment(std::string_view path) { return path.substr(0, path.find('/', 1)); }

}  // namespace

std::string parse_base_path(std::string_view text, const Router& router) {
  std::string_view base = text;
  while (base.ends_with('/')) base.remove_suffix(1);
  if (base.empty()) return {};
  const auto refused = [&](const std::string& problem) {
    return Error(ErrorKind::config, "server.base_path: " + problem + ": " + ellipsize(text, 80),
                 "expected a path such as /am, of letters, digits and - _ . ~");
  };
  const std::vector<std::string> segments = split(base, '/');
  if (!segments.front().empty() || !std::all_of(segments.begin() + 1, segments.end(), is_segment))
    throw refused("not a path");
  for (const Route& route : router.routes()) {
    if (first_segment(route.path) == first_segment(base))
      throw refused("a path of the server's own begins so");
  }
  return std::string(base);
}

std::string_view without_base(std::string_view target, std::string_view base, std::string& storage) {
  if (base.empty() || !target.starts_with(base)) return target;
  const std::string_view rest = target.substr(base.size());
  if (rest.starts_with('/')) return rest;
  if (!rest.empty() && !rest.starts_with('?')) return target;  // "/amber" below "/am"
  storage = "/" + std::string(rest);
  return storage;
}

void put_base_before_links(std::string& html, std::string_view base) {
  if (base.empty()) return;
  std::string out;
  out.reserve(html.size() + 64 * base.size());
  std::string_view rest = html;
  // What is text has its quotes escaped.
  for (std::size_t at = rest.find("=\"/"); at != rest.npos; at = rest.find("=\"/")) {
    const std::string_view before = rest.substr(0, at);
    out.append(rest.substr(0, at + 2));
    if (before.ends_with(" href") || before.ends_with(" action")) out.append(base);
    rest.remove_prefix(at + 2);
  }
  html = out.append(rest);
}

}  // namespace am::web
