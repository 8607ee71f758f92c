#include "config_values.hpp"

#include <algorithm>
#include <functional>

#include "am/base/text.hpp"
#include "am/kernel/alerts.hpp"
#include "am/kernel/http_server.hpp"
#include "am/market/market_dir.hpp"
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

std::vector<Error> unusable_values(Context& context) {
  const kernel::Config& config = context.config;
  std::vector<Error> errors;
  const auto look = [&](const std::string& key, const std::function<void(const std::string&)>& use) {
    if (!config.is_set(key)) return;
    try {
      use(config.text(key));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      const bool named = error.message().starts_with(key);
      errors.emplace_back(ErrorKind::config, (named ? "" : key + ": ") + error.message(), error.hint());
    }
  };
  look("picks.prices", [&](const std::string& source) {
    if (market::CsvMarket* csv = context.csv_market(source)) csv->universe();
  });
  look("picks.benchmark", [&](const std::string&) { context.benchmark({}, ""); });
  std::vector<const web::Section*> sections;
  look("desks.enabled", [&](const std::string&) { sections = enabled_sections(config); });
  look("server.listen", [](const std::string& where) { kernel::parse_listen(where); });
  look("server.base_path",
       [&](const std::string& path) { web::parse_base_path(path, web::site_router(sections)); });
  look("server.cors_allow_origins", [](const std::string& text) { web::CorsOrigins::parse(text); });
  look("alerts.email_to", check_addresses);
  look("alerts.email_from", check_addresses);
  for (const kernel::ConfigKey& key : kernel::config_keys()) {
    if (key.name.starts_with("pings.") && config.is_set(key.name) &&
        !kernel::is_ping_url(config.secret(key.name)))
      errors.emplace_back(ErrorKind::config, std::string(key.name) + ": not an http or https URL",
                          "copy the whole URL of the check");
  }
  return errors;
}

}  // namespace am::cli
