// What a URL of a Redis may say. It holds a secret, so of its text nothing is repeated.

#include <algorithm>

#include "am/base/text.hpp"
#include "am/strategy/redis.hpp"
#include "kernel/percent_encoding.hpp"
#include "redis_connection.hpp"

namespace am::strategy {

namespace {

constexpr const char* kUrlHint =
    "expected redis://[user:password@]host[:port][/database], rediss://… over TLS or unix:///path, in whose password @ is "
    "written as %40, / as %2F, : as %3A, % as %25";
constexpr int kMostDatabases = 65535;

Error bad_url(std::string_view problem, std::string_view hint = kUrlHint) {
  return {ErrorKind::config, "redis.url: " + std::string(problem), hint};
}

std::string decoded_part(std::string_view text, const char* what) {
  auto plain = kernel::percent_decoded_strictly(text);
  if (!plain || !is_printable(*plain)) throw bad_url(std::string(what) + " is not what a URL can hold");
  return *plain;
}

void read_login(RedisTarget& target, std::string_view login) {
  const auto colon = std::min(login.find(':'), login.size());
  target.user = decoded_part(login.substr(0, colon), "the user");
  target.password = decoded_part(login.substr(std::min(colon + 1, login.size())), "the password");
  if (!target.user.empty() && target.password.empty()) throw bad_url("a user without a password");
}

/// host, host:port, [::1]:port
void read_host(RedisTarget& target, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) throw bad_url("no host in it");
    target.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    target.host = text.substr(0, text.find(':'));
    port = text.substr(target.host.size());
  }
  if (target.host.empty() || target.host.find_first_of("@ \t") != std::string::npos ||
      !is_printable(target.host))
    throw bad_url("no host in it");
  if (port.empty()) return;
  const auto number = parse_integer(port.substr(1), 1, 65535);
  if (!port.starts_with(':') || !number) throw bad_url("no port after the host's name");
  target.port = static_cast<int>(*number);
}

int database_of(std::string_view text) {
  const auto number = parse_integer(text, 0, kMostDatabases);
  if (!number) throw bad_url("its database is no number");
  return static_cast<int>(*number);
}

void read_socket(RedisTarget& target, std::string_view rest) {
  constexpr std::size_t kLongestPath = 107;  // sockaddr_un
  const auto question = std::min(rest.find('?'), rest.size());
  target.path = decoded_part(rest.substr(0, question), "the path");
  if (!target.path.starts_with('/') || target.path.size() > kLongestPath)
    throw bad_url("no path of a socket in it (expected at most 107 bytes from / on)");
  std::string_view query = rest.substr(question);
  if (query.empty()) return;
  if (!query.starts_with("?db=")) throw bad_url("it has parameters that are not known");
  target.database = database_of(query.substr(4));
}

}  // namespace

std::string RedisTarget::where() const {
  if (!path.empty()) return path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

RedisTarget parse_redis_url(std::string_view url) {
  url = trim(url);
  if (url.empty()) throw bad_url("not set");
  const auto end = url.find("://");
  const std::string scheme = to_lower(url.substr(0, std::min(end, url.size())));
  const bool is_socket = scheme == "unix" || scheme == "redis+unix";
  RedisTarget target;
  target.tls = scheme == "rediss";
  if (end == std::string_view::npos || (!is_socket && !target.tls && scheme != "redis"))
    throw bad_url("it is no URL of a Redis");
  if (target.tls && !redis_has_tls())
    throw bad_url(
        "rediss:// is not possible here: this program was built without TLS for Redis (hiredis_ssl)",
        "use redis:// or unix:// to a tunnel on this machine, or a build against hiredis 1.0 or later");
  url.remove_prefix(end + 3);
  const auto slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    read_login(target, authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  if (is_socket) {
    if (!authority.empty()) throw bad_url("a socket has no host");
    read_socket(target, url.substr(slash));
    return target;
  }
  if (url.find_first_of("?#") != std::string_view::npos)
    throw bad_url("it has parameters that are not known");
  read_host(target, authority);
  const std::string_view database = url.substr(std::min(slash + 1, url.size()));
  if (!database.empty()) target.database = database_of(database);
  return target;
}

}  // namespace am::strategy
