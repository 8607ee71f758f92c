#include "am/kernel/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "am/base/error.hpp"

namespace am::kernel {
namespace {

constexpr const char* kCanary = "canary-secret-value";

/// Sources over files in memory; records which were asked for.
struct Setup {
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> flags;
  std::optional<std::string> config_flag;
  std::map<std::string, std::string> files;
  mutable std::vector<std::string> asked;

  Setup& file(std::string text) {
    config_flag = "/c.toml";
    files["/c.toml"] = std::move(text);
    return *this;
  }
  Config load() const {
    return Config::load({env, config_flag, flags, [this](const std::string& path) -> std::optional<std::string> {
                           asked.push_back(path);
                           const auto found = files.find(path);
                           return found == files.end() ? std::nullopt : std::optional(found->second);
                         }});
  }
  Error error() const {
    try {
      static_cast<void>(load());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      EXPECT_EQ((error.message() + error.hint()).find(kCanary), std::string::npos) << error.message();
      return error;
    }
    return {ErrorKind::bug, "no error"};
  }
  std::string message() const { return error().message(); }
};

Config::Origin origin_of(const Config& config, std::string_view key) {
  const auto all = config.origins();
  const auto found = std::ranges::find_if(all, [&](const Config::Origin& origin) { return origin.key->name == key; });
  if (found != all.end()) return *found;
  ADD_FAILURE() << key;
  return {};
}

TEST(ConfigKeys, AreWellFormed) {
  std::map<std::string_view, int> names;
  std::map<std::string_view, int> variables;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_EQ(++names[key.name], 1) << key.name;
    EXPECT_EQ(std::ranges::count(key.name, '.'), 1) << key.name;
    if (!key.env.empty()) EXPECT_EQ(++variables[key.env], 1) << key.env;
    EXPECT_FALSE(key.help.empty()) << key.name;
    if (key.type == KeyType::integer) EXPECT_LT(key.low, key.high) << key.name;
    if (key.type == KeyType::secret) {
      EXPECT_FALSE(key.env.empty()) << key.name << ": a secret's places are named after its variable";
      EXPECT_TRUE(key.default_value.empty()) << key.name;
    }
  }
}

TEST(Config, HasADefaultForEveryKey) {
  const Setup setup;
  const Config config = setup.load();
  EXPECT_EQ(config.text("openai.model"), "gpt-4o-mini");
  EXPECT_EQ(config.text("picks.picker"), "openai");
  EXPECT_EQ(config.integer("retry.attempts"), 3);
  EXPECT_EQ(config.text("openai.temperature"), "0.2");
  EXPECT_FALSE(config.is_set("picks.benchmark"));
  EXPECT_EQ(config.file(), "");
  EXPECT_TRUE(config.warnings().empty());
  EXPECT_EQ(config.origins().size(), config_keys().size());
  for (const Config::Origin& origin : config.origins()) {
    EXPECT_EQ(origin.shown, origin.key->default_value);
    EXPECT_EQ(origin.origin, origin.key->default_value.empty() ? "unset" : "default") << origin.key->name;
  }
}

TEST(Config, TheVariablesOfTheEarlierServiceKeepTheirNamesAndDefaults) {
  const std::map<std::string_view, std::string_view> kept{{"DATABASE_URL", ""}, {"OPENAI_API_KEY", ""}, {"OPENAI_MODEL", "gpt-4o-mini"},
                                                          {"ALPHA_VANTAGE_API_KEY", ""}, {"LOG_LEVEL", "info"}};
  for (const auto& [variable, value] : kept) {
    const auto keys = config_keys();
    const auto found = std::ranges::find(keys, variable, &ConfigKey::env);
    ASSERT_NE(found, keys.end()) << variable;
    EXPECT_EQ(found->default_value, value);
  }
}

TEST(Config, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  Setup setup;
  setup.file("[openai]\nmodel = \"from-file\"\n[retry]\nattempts = 7\n");
  Config config = setup.load();
  EXPECT_EQ(config.file(), "/c.toml");
  EXPECT_EQ(config.text("openai.model"), "from-file");
  EXPECT_EQ(config.integer("retry.attempts"), 7);
  EXPECT_TRUE(origin_of(config, "openai.model").origin.starts_with("file /c.toml:2")) << origin_of(config, "openai.model").origin;
  setup.env = {{"OPENAI_MODEL", "from-env"}, {"AM_RETRY_ATTEMPTS", "8"}};
  config = setup.load();
  EXPECT_EQ(config.text("openai.model"), "from-env");
  EXPECT_EQ(config.integer("retry.attempts"), 8);
  EXPECT_EQ(origin_of(config, "openai.model").origin, "env OPENAI_MODEL");
  setup.flags = {{"openai.model", "from-flag"}, {"retry.attempts", "9"}};
  config = setup.load();
  EXPECT_EQ(config.text("openai.model"), "from-flag");
  EXPECT_EQ(config.integer("retry.attempts"), 9);
  EXPECT_EQ(origin_of(config, "retry.attempts").origin, "flag");
  EXPECT_EQ(origin_of(config, "retry.attempts").shown, "9");
}

TEST(Config, AnEmptyVariableIsNotSet) {
  Setup setup;
  setup.env = {{"OPENAI_MODEL", ""}, {"AM_RETRY_ATTEMPTS", ""}, {"OPENAI_API_KEY", ""}, {"OPENAI_API_KEY_FILE", ""}, {"AM_CONFIG", ""}};
  const Config config = setup.load();
  EXPECT_EQ(config.text("openai.model"), "gpt-4o-mini");
  EXPECT_EQ(config.integer("retry.attempts"), 3);
  EXPECT_EQ(origin_of(config, "openai.api_key").origin, "unset");
}

TEST(Config, LooksForItsFileInOrder) {
  Setup setup;
  setup.files = {{"/flag.toml", "[openai]\nmodel = 'flag'"},       {"/env.toml", "[openai]\nmodel = 'env'"},
                 {"/xdg/am/am.toml", "[openai]\nmodel = 'xdg'"},   {"/home/u/.config/am/am.toml", "[openai]\nmodel = 'home'"},
                 {"/etc/am/am.toml", "[openai]\nmodel = 'etc'"}};
  setup.config_flag = "/flag.toml";
  setup.env = {{"AM_CONFIG", "/env.toml"}, {"XDG_CONFIG_HOME", "/xdg"}, {"HOME", "/home/u"}};
  EXPECT_EQ(setup.load().text("openai.model"), "flag");
  setup.config_flag.reset();
  EXPECT_EQ(setup.load().text("openai.model"), "env");
  setup.env.erase("AM_CONFIG");
  EXPECT_EQ(setup.load().text("openai.model"), "xdg");
  setup.env.erase("XDG_CONFIG_HOME");
  EXPECT_EQ(setup.load().text("openai.model"), "home");
  EXPECT_EQ(setup.load().file(), "/home/u/.config/am/am.toml");
  setup.env.erase("HOME");
  EXPECT_EQ(setup.load().text("openai.model"), "etc");
  setup.env = {{"XDG_CONFIG_HOME", "/other"}, {"HOME", "/home/u"}};
  EXPECT_EQ(setup.load().text("openai.model"), "etc") << "with XDG_CONFIG_HOME set, ~/.config is not looked at";
  setup.files.clear();
  setup.asked.clear();
  EXPECT_EQ(setup.load().file(), "");
  EXPECT_EQ(setup.asked, (std::vector<std::string>{"/other/am/am.toml", "/etc/am/am.toml"}));
}

TEST(Config, ANamedFileMustBeThere) {
  Setup setup;
  setup.config_flag = "/none.toml";
  EXPECT_EQ(setup.message(), "/none.toml: cannot read the configuration file");
  EXPECT_EQ(setup.error().hint(), "check the path given to --config");
  setup.config_flag.reset();
  setup.env = {{"AM_CONFIG", "/none.toml"}};
  EXPECT_EQ(setup.error().hint(), "check the path in AM_CONFIG");
}

TEST(Config, AnUnknownKeyIsRefusedWithItsPlaceAndTheNearestName) {
  Setup setup;
  Error error = setup.file("[openai]\nmodel = 'x'\n  modle = 'x'\n").error();
  EXPECT_EQ(error.message(), "/c.toml:3:3: unknown key \"openai.modle\"");
  EXPECT_EQ(error.hint(), "did you mean \"openai.model\"?");
  error = setup.file("[opnai]\nmodel = 'x'\n").error();
  EXPECT_TRUE(error.message().starts_with("/c.toml:1:")) << error.message();
  EXPECT_TRUE(error.message().ends_with(": unknown section \"opnai\""));
  EXPECT_EQ(error.hint(), "did you mean \"openai\"?");
  EXPECT_EQ(setup.file("model = 'x'\n").message(), "/c.toml:1:1: unknown section \"model\"");
  EXPECT_EQ(setup.file("openai = 'x'\n").message(), "/c.toml:1:1: openai: expected a section, as in [openai]");
  EXPECT_EQ(setup.file("[openai.model]\nx = 1\n").message().find("/c.toml:1:"), 0U);
  EXPECT_EQ(setup.file("[zzzzzzzzz]\n").error().hint(), "see the known ones: am config show");
  EXPECT_EQ(setup.file("[openai]\n\"a\\nb\\u001b\" = 'x'\n").message().find_first_of("\n\x1b"), std::string::npos);
}

TEST(Config, AMalformedFileIsRefusedWithItsPlace) {
  Setup setup;
  for (const char* text : {"[openai\n", "[openai]\nmodel = \n", "[openai]\nmodel = 'x'\nmodel = 'y'\n", "[openai]\nmodel = \"\xff\"\n",
                           "[openai]\nmodel = 'x\n", "\x01"}) {
    const std::string message = setup.file(text).message();
    EXPECT_TRUE(message.starts_with("/c.toml:")) << message;
    EXPECT_TRUE(message.size() > 9 && message[8] >= '1' && message[8] <= '9') << message;
    EXPECT_FALSE(setup.error().hint().empty());
  }
  setup.file(std::string("[openai]\napi_key = '") + kCanary + "\n");
  EXPECT_EQ(setup.message().find(kCanary), std::string::npos);
}

TEST(Config, AValueOfTheWrongTypeIsRefusedWithItsPlace) {
  Setup setup;
  EXPECT_EQ(setup.file("[retry]\nattempts = '3'\n").message(), "/c.toml:2:12: retry.attempts: expected a whole number");
  EXPECT_EQ(setup.file("[retry]\nattempts = 3.0\n").message(), "/c.toml:2:12: retry.attempts: expected a whole number");
  EXPECT_EQ(setup.file("[openai]\nmodel = 4\n").message(), "/c.toml:2:9: openai.model: expected a text");
  EXPECT_EQ(setup.file("[openai]\nmodel = ['a']\n").message(), "/c.toml:2:9: openai.model: expected a text");
  EXPECT_EQ(setup.file("[openai]\ntemperature = 0.2\n").message(), "/c.toml:2:15: openai.temperature: expected a decimal number in quotes");
  EXPECT_EQ(setup.file("[openai]\nbase_url = true\n").message(), "/c.toml:2:12: openai.base_url: expected an http or https URL");
  EXPECT_EQ(setup.file("[openai]\napi_key = 5\n").message(), "/c.toml:2:11: openai.api_key: expected a text");
  EXPECT_EQ(setup.file("[openai]\ntemperature = 1\n").load().text("openai.temperature"), "1");
}

TEST(Config, AValueOutsideItsRangeIsRefusedWithWhereItCameFrom) {
  Setup setup;
  EXPECT_EQ(setup.file("[retry]\nattempts = 21\n").message(),
            "/c.toml:2:12: retry.attempts: expected a whole number from 1 to 20, got \"21\"");
  for (const char* bad : {"0", "21", "-1", "012", "3.0", " 3", "3 ", "three", "0x3", "99999999999999999999"}) {
    setup = {};
    setup.env = {{"AM_RETRY_ATTEMPTS", bad}};
    EXPECT_EQ(setup.message(), "AM_RETRY_ATTEMPTS: expected a whole number from 1 to 20, got \"" + std::string(bad) + "\"");
    setup.env.clear();
    setup.flags = {{"retry.attempts", bad}};
    EXPECT_EQ(setup.message(), "retry.attempts: expected a whole number from 1 to 20, got \"" + std::string(bad) + "\"");
  }
  for (const char* edge : {"1", "20"}) {
    setup = {};
    setup.env = {{"AM_RETRY_ATTEMPTS", edge}};
    EXPECT_EQ(setup.load().integer("retry.attempts"), std::stoll(edge));
  }
}

TEST(Config, ValuesAreCheckedByTheirKind) {
  const auto refused = [](const char* variable, const std::string& value) {
    Setup setup;
    setup.env = {{variable, value}};
    return setup.message();
  };
  EXPECT_EQ(refused("LOG_LEVEL", "loud"), "LOG_LEVEL: expected one of debug, info, warn, error, off, got \"loud\"");
  EXPECT_EQ(refused("OPENAI_BASE_URL", "ftp://x"), "OPENAI_BASE_URL: expected an http or https URL, got \"ftp://x\"");
  EXPECT_EQ(refused("OPENAI_TEMPERATURE", "warm"), "OPENAI_TEMPERATURE: expected a decimal number, got \"warm\"");
  EXPECT_EQ(refused("OPENAI_TEMPERATURE", "nan"), "OPENAI_TEMPERATURE: expected a decimal number, got \"nan\"");
  EXPECT_EQ(refused("OPENAI_MODEL", "a\nb"), "OPENAI_MODEL: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_MODEL", std::string("a\0b", 3)), "OPENAI_MODEL: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_MODEL", "\xff"), "OPENAI_MODEL: it is not UTF-8");
  EXPECT_EQ(refused("OPENAI_API_KEY", std::string(kCanary) + "\nx"), "OPENAI_API_KEY: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_API_KEY", std::string(kCanary) + "\xff"), "OPENAI_API_KEY: it is not UTF-8");
  EXPECT_LT(refused("LOG_LEVEL", std::string(100000, 'x')).size(), 300U);
  EXPECT_EQ(refused("LOG_LEVEL", "\x1b[31m").find('\x1b'), std::string::npos);
}

TEST(Config, ASecretIsLookedForInThreePlaces) {
  Setup setup;
  setup.file("[openai]\napi_key = 'from-file'\n");
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-file");
  setup.env["OPENAI_API_KEY"] = "from-env";
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-env");
  setup.env["OPENAI_API_KEY_FILE"] = "/run/key";
  setup.files["/run/key"] = "from-key-file\n";
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-key-file") << "without its last line break";
  EXPECT_EQ(origin_of(setup.load(), "openai.api_key").origin, "file /run/key");
  setup.env["CREDENTIALS_DIRECTORY"] = "/run/credentials/am";
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-key-file") << "systemd has no such credential";
  setup.files["/run/credentials/am/openai_api_key"] = "from-systemd\r\n";
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-systemd");
  setup.files["/run/credentials/am/OPENAI_API_KEY"] = "from-systemd-too";
  EXPECT_EQ(setup.load().secret("openai.api_key"), "from-systemd-too");
  EXPECT_EQ(origin_of(setup.load(), "openai.api_key").origin, "credential OPENAI_API_KEY");
}

TEST(Config, ASecretsFileMustBeThere) {
  Setup setup;
  setup.env = {{"DATABASE_URL_FILE", "/run/none"}, {"DATABASE_URL", kCanary}};
  EXPECT_EQ(setup.message(), "DATABASE_URL_FILE: cannot read /run/none");
  EXPECT_FALSE(setup.error().hint().empty());
}

TEST(Config, AMissingSecretIsAnErrorOnlyWhenItIsWanted) {
  Setup setup;
  const Config config = setup.load();
  try {
    static_cast<void>(config.secret("openai.api_key"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error.message(), "OPENAI_API_KEY: not set");
    EXPECT_EQ(error.hint(), "set OPENAI_API_KEY, or put it into a file and set OPENAI_API_KEY_FILE to its path");
  }
  EXPECT_FALSE(config.is_set("openai.api_key")) << "whether a secret is set is no secret";
  setup.env = {{"OPENAI_API_KEY", kCanary}};
  EXPECT_TRUE(setup.load().is_set("openai.api_key"));
}

TEST(Config, SecretsAreMaskedWhereTheyAreShown) {
  Setup setup;
  setup.env = {{"OPENAI_API_KEY", kCanary}, {"DATABASE_URL_FILE", "/f"}};
  setup.files["/f"] = std::string("postgresql://u:") + kCanary + "@h/d";
  setup.file(std::string("[alpha_vantage]\napi_key = '") + kCanary + "'\n");
  const Config config = setup.load();
  EXPECT_EQ(config.secret("alpha_vantage.api_key"), kCanary);
  int masked = 0;
  for (const Config::Origin& origin : config.origins()) {
    EXPECT_EQ((origin.shown + origin.origin).find(kCanary), std::string::npos);
    if (origin.key->type == KeyType::secret && origin.shown == "***") ++masked;
  }
  EXPECT_EQ(masked, 3);
}

TEST(Config, AskingForAKeyInTheWrongWayIsABug) {
  const Config config = Setup{}.load();
  const auto kind_of = [](const auto& ask) {
    try {
      static_cast<void>(ask());
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::usage;
  };
  EXPECT_EQ(kind_of([&] { return config.text("openai.api_key"); }), ErrorKind::bug) << "a secret never comes out as a text";
  EXPECT_EQ(kind_of([&] { return config.secret("openai.model"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.text("openai.modle"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.is_set("openai.modle"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.integer("openai.model"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.boolean("openai.model"); }), ErrorKind::bug);
}

TEST(Config, HatchetVariablesAreAcceptedWithOneWarning) {
  Setup setup;
  setup.env = {{"HATCHET_CLIENT_TOKEN", kCanary}, {"HATCHET_CLIENT_HOST_PORT", "x:1"}, {"HATCHET_WORKER_NAME", "w"}, {"HATCHETS", "1"}};
  const auto warnings = setup.load().warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("HATCHET_"), std::string::npos);
  EXPECT_EQ(warnings[0].find(kCanary), std::string::npos);
  setup.env = {{"HATCHETS", "1"}, {"MY_HATCHET_", "1"}};
  EXPECT_TRUE(setup.load().warnings().empty());
}

}  // namespace
}  // namespace am::kernel
