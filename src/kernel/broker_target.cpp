// What a connection string of a broker may say. It holds a secret, so of its text nothing is repeated.

#include <array>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/kernel/broker.hpp"
#include "percent_encoding.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kDefaultQueue = "work-items";
constexpr int kPort = 5672, kTlsPort = 5671;
constexpr const char* kHint =
    "expected Endpoint=sb://host/;SharedAccessKeyName=name;SharedAccessKey=key;EntityPath=queue, or "
    "amqps://user:password@host:port/queue, in whose password @ is written as %40, / as %2F, : as %3A, % as %25";

Error bad(std::string_view problem, std::string_view hint = kHint) {
  return {ErrorKind::config, "amqp.connection_string: " + std::string(problem), hint};
}

/// host, host:port, [::1]:port
void read_authority(BrokerTarget& target, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) throw bad("no host in it");
    target.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    target.host = text.substr(0, text.find(':'));
    port = text.substr(target.host.size());
  }
  if (target.host.empty() || target.host.find_first_of("/?#@ \t") != std::string::npos ||
      !is_printable(target.host))
    throw bad("no host in it");
  if (port.empty()) {
    target.port = target.tls ? kTlsPort : kPort;
    return;
  }
  const auto number = parse_integer(port.substr(1), 1, 65535);
  if (!port.starts_with(':') || !number) throw bad("no port after the host's name");
  target.port = static_cast<int>(*number);
}

std::string decoded(std::string_view text, const char* what) {
  const auto plain = percent_decoded_strictly(text);
  if (!plain || !is_printable(*plain)) throw bad(std::string(what) + " is not what a URL can hold");
  return *plain;
}

BrokerTarget of_url(std::string_view url) {
  BrokerTarget target;
  target.tls = url.starts_with("amqps:");
  url.remove_prefix(url.find("://") + 3);
  if (url.find_first_of("?#") != std::string_view::npos)
    throw bad("it has parameters, which are not known here");
  const auto slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    const auto colon = std::min(login.find(':'), login.size());
    target.user = decoded(login.substr(0, colon), "the user");
    target.password = decoded(login.substr(std::min(colon + 1, login.size())), "the password");
    authority.remove_prefix(at + 1);
  }
  read_authority(target, authority);
  target.queue = decoded(url.substr(std::min(slash + 1, url.size())), "the queue");
  return target;
}

/// The parts of a connection string of Service Bus that are read; the others are named in no message, since what stands
/// there can be a piece of a key.
struct TargetParts {
  std::string_view endpoint, name, key, entity, emulator;
};

TargetParts parts_of(std::string_view text) {
  TargetParts parts;
  const std::array<std::pair<std::string_view, std::string_view TargetParts::*>, 5> known{
      {{"endpoint", &TargetParts::endpoint},
       {"sharedaccesskeyname", &TargetParts::name},
       {"sharedaccesskey", &TargetParts::key},
       {"entitypath", &TargetParts::entity},
       {"usedevelopmentemulator", &TargetParts::emulator}}};
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) throw bad("a part of it is no name=value");
    const std::string name = to_lower(trim(part.substr(0, equals)));
    if (name == "sharedaccesssignature")
      throw bad("a SharedAccessSignature can't be used: it ends after a while",
                "give SharedAccessKeyName and SharedAccessKey instead");
    bool found = false;
    for (const auto& [each, member] : known) {
      if (each != name) continue;
      if (!(parts.*member).empty()) throw bad("a part of it is there twice");
      parts.*member = trim(part.substr(equals + 1));
      found = true;
    }
    if (!found) throw bad("a part of it is not known");
  }
  return parts;
}

BrokerTarget of_service_bus(std::string_view text) {
  const TargetParts parts = parts_of(text);
  const std::string emulator = to_lower(parts.emulator);
  if (!emulator.empty() && emulator != "true" && emulator != "false")
    throw bad("UseDevelopmentEmulator is neither true nor false");
  BrokerTarget target;
  target.tls = emulator != "true";
  std::string_view endpoint = parts.endpoint;
  if (!to_lower(endpoint.substr(0, 5)).starts_with("sb://")) throw bad("no Endpoint=sb://host/ in it");
  endpoint.remove_prefix(5);
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  read_authority(target, endpoint);
  if (parts.name.empty()) throw bad("no SharedAccessKeyName in it");
  if (parts.key.empty()) throw bad("no SharedAccessKey in it");
  target.user = parts.name;
  target.password = parts.key;
  target.queue = parts.entity;
  if (!is_printable(target.user) || !is_printable(target.password) || !is_printable(target.queue))
    throw bad("it holds characters that are no text");
  return target;
}

}  // namespace

std::string BrokerTarget::where() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + ", queue " + queue;
}

BrokerTarget parse_broker_target(std::string_view connection) {
  connection = trim(connection);
  if (connection.empty()) throw bad("not set");
  const bool is_url = connection.starts_with("amqp://") || connection.starts_with("amqps://");
  BrokerTarget target = is_url ? of_url(connection) : of_service_bus(connection);
  if (target.queue.empty()) target.queue = kDefaultQueue;
  return target;
}

}  // namespace am::kernel
