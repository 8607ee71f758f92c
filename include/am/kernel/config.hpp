#pragma once
// Configuration: one table of keys, joined from those of the layers, and one pure function that decides each value. Flag > environment > file >
// default. Secrets come from $CREDENTIALS_DIRECTORY/<name>, then <NAME>_FILE, then <NAME>, never from argv,
// and are masked wherever they are shown. Pages: docs/configuration.md (made from the table).

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/log.hpp"

namespace am::kernel {

struct Schedule;

enum class KeyType { text, integer, url, decimal, rate, secret };

struct ConfigKey {
  std::string_view name;  ///< "openai.model", as in the file: [openai] model = …
  std::string_view env;   ///< "OPENAI_MODEL"; empty: none
  KeyType type;
  std::string_view default_value;  ///< empty for secrets and optional texts
  std::string_view help;
  long long low = 0, high = 0;  ///< for integers and decimals
  /// For texts with a fixed set, and words besides decimals; "file:PATH" allows every text that begins with "file:" and
  /// goes on.
  std::span<const std::string_view> allowed = {};
  std::string_view endpoint = {};  ///< for URLs: the path that is added to them

  /// Of the allowed texts the one that is meant: in any case, and "warning" for "warn"; what goes on as it is. nullopt:
  /// none.
  std::optional<std::string> meant(std::string_view value) const;
};

constexpr ConfigKey url_key(std::string_view name, std::string_view env, std::string_view default_value,
                            std::string_view help, std::string_view endpoint) {
  return {name, env, KeyType::url, default_value, help, 0, 0, {}, endpoint};
}

/// Those of the program itself; each layer and each desk has its own.
std::span<const ConfigKey> config_keys();

/// Every key that there is, in the order of the documentation: the parts in their order, then a dead-man's switch for each
/// schedule that announces itself. Threads: immutable.
class ConfigTable {
 public:
  /// Errors:  bug: two keys have one name or one variable.
  ConfigTable(std::span<const std::span<const ConfigKey>> parts, std::span<const Schedule* const> schedules);
  ConfigTable(const ConfigTable&) = delete;
  ConfigTable& operator=(const ConfigTable&) = delete;

  std::span<const ConfigKey> keys() const { return keys_; }
  const ConfigKey* find(std::string_view name) const;  ///< null: none

 private:
  std::deque<std::string> texts_;
  std::vector<ConfigKey> keys_;
};

/// What the configuration is made from; files are read through `read_file` (nullopt: not there; Error{config}: there,
/// but not to be read; another Error ends the loading).
struct ConfigSources {
  std::map<std::string, std::string> env;
  std::optional<std::string> config_flag;    ///< --config
  std::map<std::string, std::string> flags;  ///< key name → value, from command-line flags
  std::function<std::optional<std::string>(const std::string& path)> read_file;
};

/// Refers to its table. Threads: immutable after loading.
class Config {
 public:
  /// Errors:  config: unreadable or malformed file (path:line:col), unknown key or section (nearest known name),
  ///          value of the wrong type or range, naming the key and where it came from; never a secret's value.
  /// refused: where the first error goes instead of being thrown; what was refused counts as not given.
  static Config load(const ConfigTable& table, const ConfigSources& sources,
                     std::optional<Error>* refused = nullptr);

  const std::string& text(std::string_view key) const;
  long long integer(std::string_view key) const;
  /// The secret's value. Errors: config "openai.api_key: not set", hint naming the variable and the file forms.
  const std::string& secret(std::string_view key) const;
  /// Whether it has a value; also for a secret.
  bool is_set(std::string_view key) const;

  struct Origin {
    const ConfigKey* key;
    std::string shown;   ///< secrets: "***" or ""; a URL's user and password as ***
    std::string origin;  ///< "flag", "env OPENAI_MODEL", "file /etc/am/am.toml:12", "default", "unset"
  };
  std::vector<Origin> origins() const;
  std::span<const ConfigKey> keys() const { return table_->keys(); }
  /// Where the file was; empty: none was found.
  const std::string& file() const { return file_; }
  /// Things to tell once: the HATCHET_* variables that are accepted and ignored.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Entry {
    std::string value;
    std::string origin;
  };
  const Entry& entry(std::string_view key, KeyType type) const;
  const ConfigTable* table_ = nullptr;
  std::map<std::string, Entry, std::less<>> entries_;
  std::string file_;
  std::vector<std::string> warnings_;
};

}  // namespace am::kernel
