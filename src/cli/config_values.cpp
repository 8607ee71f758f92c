#include "config_values.hpp"

#include <algorithm>
#include <functional>

#include "am/base/text.hpp"
#include "am/kernel/alerts.hpp"
#include "am/kernel/broker.hpp"
#include "am/kernel/http_server.hpp"
#include "am/web/site.hpp"
#include "desks.hpp"

namespace am::cli {

namespace {

void check_addresses(const std::string& text) {
  for (const std::string& part : split(text, ',')) {
    const std::string_view address = trim(part);
    if (!address.empty() &&
        (address.find('@') == address.npos || address.starts_with('@') || address.ends_with('@')))
      throw Error(ErrorKind::config, "not an e-mail address: " + ellipsize(address, 60));
  }
}

}  // namespace

void ValueCheck::look(const std::string& key, const std::function<void(const std::string&)>& use) {
  if (!config_.is_set(key)) return;
  try {
    use(config_.text(key));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    const bool named = error.message().starts_with(key);
    errors_.emplace_back(ErrorKind::config, (named ? "" : key + ": ") + error.message(), error.hint());
  }
}

std::vector<std::string> ping_keys(const kernel::Config& config) {
  std::vector<std::string> keys;
  for (const kernel::ConfigKey& key : config.keys()) {
    if (key.name.starts_with("pings.")) keys.emplace_back(key.name);
  }
  return keys;
}

std::vector<Error> unusable_values(Context& context) {
  const kernel::Config& config = context.config;
  ValueCheck check(config);
  DeskFaces faces;
  check.look("desks.enabled", [&](const std::string&) { faces = enabled_desks(config); });
  check.look("server.listen", [](const std::string& where) { kernel::parse_listen(where); });
  check.look("server.base_path", [&](const std::string& path) {
    web::parse_base_path(path, web::site_router(sections_of(faces)));
  });
  check.look("server.cors_allow_origins", [](const std::string& text) { web::CorsOrigins::parse(text); });
  check.look("alerts.email_to", check_addresses);
  check.look("alerts.email_from", check_addresses);
  std::vector<Error> errors = check.errors();
  try {
    if (config.is_set("amqp.connection_string"))
      kernel::parse_broker_target(config.secret("amqp.connection_string"));
  } catch (const Error& error) {
    errors.push_back(error);
  }
  for (const std::string& key : ping_keys(config)) {
    if (config.is_set(key) && !kernel::is_ping_url(config.secret(key)))
      errors.emplace_back(ErrorKind::config, key + ": not an http or https URL",
                          "copy the whole URL of the check");
  }
  for (const DeskFace& face : faces) {
    if (face.unusable == nullptr) continue;
    for (Error& error : face.unusable(context)) errors.push_back(std::move(error));
  }
  return errors;
}

}  // namespace am::cli
