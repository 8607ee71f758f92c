// Any bytes as the configuration file: it is refused as configuration, in one line that does not repeat a
// secret, or every key can be asked for by its kind.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/base/error.hpp"
#include "am/kernel/config.hpp"
#include "am/market/config_keys.hpp"
#include "am/picks/desk.hpp"
#include "am/web/site.hpp"

namespace {

using am::kernel::Config;
using am::kernel::KeyType;

constexpr const char* kPath = "/am.toml";
constexpr const char* kCanary = "canary-secret-value";

void require(bool holds) {
  if (!holds) std::abort();
}

void ask_for_everything(const Config& config) {
  for (const Config::Origin& origin : config.origins()) {
    require(origin.shown.find(kCanary) == std::string::npos);
    const std::string_view key = origin.key->name;
    switch (origin.key->type) {
      case KeyType::secret:
        require(origin.shown == (config.is_set(key) ? "***" : ""));
        break;
      case KeyType::integer: {
        const long long value = config.integer(key);
        require(origin.key->low <= value && value <= origin.key->high);
        break;
      }
      case KeyType::decimal:
        require(am::Decimal::parse(config.text(key)).has_value());
        break;
      case KeyType::rate:
      case KeyType::url:
      case KeyType::text:
        require(config.text(key).find_first_of("\r\n") == std::string::npos);
        break;
    }
  }
}

const am::kernel::ConfigTable& table() {
  static const std::array kParts = {am::kernel::config_keys(), am::market::config_keys(),
                                    am::web::config_keys(), am::picks::config_keys()};
  static const am::kernel::ConfigTable kTable(kParts, {});
  return kTable;
}

void check(std::string_view text) {
  am::kernel::ConfigSources sources;
  sources.env["OPENAI_API_KEY"] = kCanary;
  sources.config_flag = kPath;
  sources.read_file = [&](const std::string& path) {
    return path == kPath ? std::optional(std::string(text)) : std::nullopt;
  };
  try {
    ask_for_everything(Config::load(table(), sources));
  } catch (const am::Error& error) {
    require(error.kind() == am::ErrorKind::config);
    require(error.message().starts_with(std::string(kPath) + ":"));
    require(error.message().size() < 1000 && error.message().find('\n') == std::string::npos);
    require((error.message() + error.hint()).find(kCanary) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
