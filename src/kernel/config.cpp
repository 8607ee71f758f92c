#include "am/kernel/config.hpp"

#include <algorithm>

#include <toml++/toml.h>

#include "am/base/decimal.hpp"
#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/kernel/rate_limit.hpp"
#include "config_url.hpp"

namespace am::kernel {

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& problem, const std::string& hint = {}) {
  throw Error(ErrorKind::config, where + ": " + problem, hint);
}

std::string position(const std::string& path, const toml::source_region& region) {
  return path + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::string near = nearest_name(word, names);
  return near.empty() ? "see the known ones: am config show --config /dev/null"
                      : "did you mean \"" + near + "\"?";
}

/// The text of one value, or nothing when its TOML type cannot be the key's.
std::optional<std::string> toml_text(const toml::node& node, KeyType type) {
  if (const auto* text = node.as_string()) {
    if (type == KeyType::integer) return std::nullopt;
    return text->get();
  }
  if (const auto* integer = node.as_integer();
      integer && (type == KeyType::integer || type == KeyType::decimal)) {
    return std::to_string(integer->get());
  }
  return std::nullopt;
}

std::string_view wanted(KeyType type) {
  switch (type) {
    case KeyType::text:
      return "a text";
    case KeyType::integer:
      return "a whole number";
    case KeyType::url:
      return "an http or https URL";
    case KeyType::decimal:
      return "a decimal number in quotes";
    case KeyType::rate:
      return "a text such as 5/min,500/day";
    case KeyType::secret:
      return "a text";
  }
  return "a text";
}

constexpr std::size_t kMostValue = 16384;  ///< bytes

std::string join_words(const ConfigKey& key) {
  return join(std::vector<std::string>(key.allowed.begin(), key.allowed.end()), ", ");
}

/// Why a value cannot be the key's; empty when it can.
std::string objection(const ConfigKey& key, const std::string& value) {
  // The query of a refused URL may hold a key.
  const bool cut = key.type == KeyType::url && value.find('?') != std::string::npos;
  const std::string shown = without_user_info(value.substr(0, cut ? value.find('?') : value.size()));
  const std::string got =
      key.type == KeyType::secret ? "" : ", got \"" + ellipsize(shown, 60) + (cut ? "?…" : "") + "\"";
  const auto no = [&](const std::string& expected) { return "expected " + expected + got; };
  if (value.find_first_of(std::string_view("\0\n\r", 3)) != std::string::npos)
    return "it has a line break or a NUL";
  if (!is_valid_utf8(value)) return "it is not UTF-8";
  if (value.size() > kMostValue)
    return "it is too long (expected at most " + std::to_string(kMostValue) + " bytes, got " +
           std::to_string(value.size()) + ")";
  switch (key.type) {
    case KeyType::integer:
      if (!parse_integer(value, key.low, key.high)) {
        return no("a whole number from " + std::to_string(key.low) + " to " + std::to_string(key.high));
      }
      return {};
    case KeyType::decimal: {
      const auto number = Decimal::parse(value);
      if (number && *number >= Decimal(key.low) && *number <= Decimal(key.high)) return {};
      if (key.meant(value)) return {};
      return no("a decimal number from " + std::to_string(key.low) + " to " + std::to_string(key.high) +
                (key.allowed.empty() ? "" : " or " + join_words(key)));
    }
    case KeyType::rate:
      try {
        parse_rate_windows(value);
        return {};
      } catch (const Error&) {
        return no("requests per period, as in 5/min,500/day");
      }
    case KeyType::url: {
      const std::string expected = wanted_of_url(key, value);
      return expected.empty() ? "" : no(expected);
    }
    case KeyType::text:
      return key.allowed.empty() || key.meant(value) ? "" : no("one of " + join_words(key));
    case KeyType::secret:
      return {};
  }
  return {};
}

struct FileValue {
  std::string value;
  std::string where;  ///< path:line:col
};

/// Does one part of the loading. A refusal is thrown, or kept as the first one, and the part counts as not given.
class Parts {
 public:
  explicit Parts(std::optional<Error>* refused) : refused_(refused) {}
  template <class Part>
  void operator()(const Part& part) const {
    try {
      part();
    } catch (const Error& error) {
      const bool asked_to_end =
          error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated;
      if (refused_ == nullptr || asked_to_end) throw;
      if (!*refused_) *refused_ = error;
    }
  }

 private:
  std::optional<Error>* refused_;
};

std::map<std::string, FileValue> read_toml(const ConfigTable& all, const std::string& path,
                                           const std::string& text, const Parts& each) {
  toml::table root;
  try {
    root = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    refuse(position(path, error.source()),
           to_lower(error.description().substr(0, 1)) + std::string(error.description().substr(1)),
           "an example of a whole file is examples/am.toml");
  }
  std::vector<std::string> sections;
  std::vector<std::string> names;
  for (const ConfigKey& key : all.keys()) {
    names.emplace_back(key.name);
    std::string section(key.name.substr(0, key.name.find('.')));
    if (std::find(sections.begin(), sections.end(), section) == sections.end())
      sections.push_back(std::move(section));
  }
  std::map<std::string, FileValue> values;
  const auto read_key = [&](const std::string& full, const toml::key& key_text, const toml::node& value) {
    const ConfigKey* key = all.find(full);
    if (key == nullptr) {
      refuse(position(path, key_text.source()), "unknown key \"" + ellipsize(full, 80) + "\"",
             did_you_mean(full, names));
    }
    const std::optional<std::string> shown = toml_text(value, key->type);
    if (!shown) refuse(position(path, value.source()), full + ": expected " + std::string(wanted(key->type)));
    values[full] = {*shown, position(path, value.source())};
  };
  const auto read_section = [&](const toml::key& section, const toml::node& node) {
    const std::string name(section.str());
    const toml::table* table = node.as_table();
    if (std::find(sections.begin(), sections.end(), name) == sections.end()) {
      refuse(position(path, section.source()), "unknown section \"" + ellipsize(name, 60) + "\"",
             did_you_mean(name, sections));
    }
    if (table == nullptr)
      refuse(position(path, section.source()), name + ": expected a section, as in [" + name + "]");
    for (const auto& [key_text, value] : *table)
      each([&] { read_key(name + "." + std::string(key_text.str()), key_text, value); });
  };
  for (const auto& [section, node] : root) each([&] { read_section(section, node); });
  return values;
}

std::string upper_name(const ConfigKey& key) { return std::string(key.env); }

struct Found {
  std::string value;
  std::string origin;
};

/// A secret's own places, before the file: systemd's credentials directory, NAME_FILE, NAME.
std::optional<Found> secret_from(const ConfigKey& key, const ConfigSources& sources) {
  const auto env = [&](const std::string& name) -> const std::string* {
    const auto it = sources.env.find(name);
    return it == sources.env.end() || it->second.empty() ? nullptr : &it->second;
  };
  const auto from_file = [&](const std::string& path) -> std::optional<std::string> {
    try {
      std::optional<std::string> text = sources.read_file(path);
      if (!text) return std::nullopt;
      return std::string(trim(*text));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::config)
        throw error.within(upper_name(key));  // nobody wrote, or asked to end
      refuse(upper_name(key), error.message(), error.hint());
    }
  };
  if (const std::string* directory = env("CREDENTIALS_DIRECTORY")) {
    for (const std::string& name : {upper_name(key), to_lower(upper_name(key))}) {
      // An empty one stands for a file that an optional credential of a unit did not find.
      if (auto value = from_file(*directory + "/" + name); value && !value->empty())
        return Found{*value, "credential " + name};
    }
  }
  if (const std::string* path = env(upper_name(key) + "_FILE")) {
    if (auto value = from_file(*path)) return Found{*value, "file " + *path};
    refuse(upper_name(key) + "_FILE", "cannot read " + *path,
           "check that the file exists and that this user may read it");
  }
  if (const std::string* value = env(upper_name(key))) return Found{*value, "env " + upper_name(key)};
  return std::nullopt;
}

}  // namespace

Config Config::load(const ConfigTable& all, const ConfigSources& sources, std::optional<Error>* refused) {
  const Parts each(refused);
  Config config;
  config.table_ = &all;
  const auto env = [&](std::string_view name) -> const std::string* {
    const auto it = sources.env.find(std::string(name));
    return it == sources.env.end() || it->second.empty() ? nullptr : &it->second;
  };

  std::map<std::string, FileValue> file_values;
  const std::string* named = sources.config_flag ? &*sources.config_flag : env("AM_CONFIG");
  std::vector<std::string> places;
  if (named != nullptr) {
    places.push_back(*named);
  } else {
    if (const std::string* xdg = env("XDG_CONFIG_HOME")) {
      places.push_back(*xdg + "/am/am.toml");
    } else if (const std::string* home = env("HOME")) {
      places.push_back(*home + "/.config/am/am.toml");
    }
    places.emplace_back("/etc/am/am.toml");
  }
  each([&] {
    for (const std::string& place : places) {
      const std::optional<std::string> text = sources.read_file(place);
      if (!text) continue;
      config.file_ = place;
      file_values = read_toml(all, place, *text, each);
      return;
    }
    if (named != nullptr) {
      refuse(*named, "cannot read the configuration file",
             sources.config_flag ? "check the path given to --config" : "check the path in AM_CONFIG");
    }
  });

  const auto decide = [&](const ConfigKey& key) {
    const std::string name(key.name);
    Found found{std::string(key.default_value), key.default_value.empty() ? "unset" : "default"};
    config.entries_[name] = {found.value, found.origin};
    std::string where = name;
    const std::optional<Found> secret =
        key.type == KeyType::secret ? secret_from(key, sources) : std::nullopt;
    if (const auto flag = sources.flags.find(name); flag != sources.flags.end()) {
      found = {flag->second, "flag"};
    } else if (secret) {
      found = *secret;
      where = upper_name(key);
    } else if (const std::string* value =
                   key.type == KeyType::secret || key.env.empty() ? nullptr : env(key.env)) {
      found = {*value, "env " + std::string(key.env)};
      where = std::string(key.env);
    } else if (const auto it = file_values.find(name); it != file_values.end()) {
      found = {it->second.value, "file " + it->second.where};
      where = it->second.where + ": " + name;
    }
    if (const std::string problem = found.origin == "unset" ? "" : objection(key, found.value);
        !problem.empty()) {
      refuse(where, problem, key.type == KeyType::url ? hint_for_url(key, found.value) : "");
    }
    if (const auto meant = key.meant(found.value)) found.value = *meant;
    config.entries_[name] = {found.value, found.origin};
  };
  for (const ConfigKey& key : all.keys()) each([&] { decide(key); });

  for (const auto& [name, value] : sources.env) {
    if (!name.starts_with("HATCHET_")) continue;
    config.warnings_.push_back(
        "HATCHET_* variables are accepted and ignored: the run ledger in PostgreSQL and your own scheduler "
        "replaced the "
        "workflow engine");
    break;
  }
  return config;
}

const Config::Entry& Config::entry(std::string_view key, KeyType type) const {
  const auto it = entries_.find(key);
  const ConfigKey* spec = table_->find(key);
  // Any value but a secret can be had as its text.
  const bool fits =
      spec != nullptr && (type == KeyType::text ? spec->type != KeyType::secret : spec->type == type);
  if (it == entries_.end() || !fits) {
    throw Error(ErrorKind::bug,
                "configuration key " + std::string(key) + " is asked for by another type or does not exist");
  }
  return it->second;
}

const std::string& Config::text(std::string_view key) const { return entry(key, KeyType::text).value; }

long long Config::integer(std::string_view key) const {
  return std::stoll(entry(key, KeyType::integer).value);
}

bool Config::is_set(std::string_view key) const {
  const ConfigKey* spec = table_->find(key);
  return !entry(key, spec == nullptr ? KeyType::text : spec->type).value.empty();
}

const std::string& Config::secret(std::string_view key) const {
  const Entry& found = entry(key, KeyType::secret);
  if (found.value.empty()) {
    const std::string name(table_->find(key)->env);
    throw Error(ErrorKind::config, name + ": not set",
                "set " + name + ", or put it into a file and set " + name + "_FILE to its path");
  }
  return found.value;
}

std::vector<Config::Origin> Config::origins() const {
  std::vector<Origin> all;
  for (const ConfigKey& key : table_->keys()) {
    const Entry& entry = entries_.at(std::string(key.name));
    // What is secret is what somebody set: a default is in the documentation.
    const bool masked = key.type == KeyType::secret && !entry.value.empty() && entry.origin != "default";
    all.push_back({&key, masked ? "***" : without_user_info(entry.value), entry.origin});
  }
  return all;
}

}  // namespace am::kernel
