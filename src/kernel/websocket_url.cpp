#include "websocket_url.hpp"

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/kernel/websocket.hpp"

namespace am::kernel {

namespace {

Error no_websocket_url() {
  return {ErrorKind::config, "websocket: not a ws or wss URL (expected wss://HOST/PATH)",
          "check the vendor's stream URL: am config show --origin"};
}

}  // namespace

WebSocketUrl parse_websocket_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  const std::string scheme = to_lower(url.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if (scheme != "ws" && scheme != "wss") throw no_websocket_url();
  for (const char c : url) {
    if (c <= ' ' || c == '\x7f' || c == '#') throw no_websocket_url();
  }
  std::string_view rest = url.substr(scheme_end + 3);
  const auto path = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, path);
  WebSocketUrl out;
  out.secure = scheme == "wss";
  out.port = out.secure ? "443" : "80";
  out.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
  if (out.target.front() == '?') out.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) throw no_websocket_url();
  const auto bracket = authority.find(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    out.port = authority.substr(colon + 1);
    if (!parse_integer(out.port, 1, 65535)) throw no_websocket_url();
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  else if (authority.find_first_of("[]:") != std::string_view::npos)
    throw no_websocket_url();
  if (authority.empty()) throw no_websocket_url();
  out.host = authority;
  return out;
}

std::string websocket_host(std::string_view url) { return parse_websocket_url(url).host_and_port(); }

}  // namespace am::kernel
