#pragma once
// A configuration from variables, flags and files in memory.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/kernel/config.hpp"
#include "cli/config_table.hpp"

namespace am::test {

using kernel::Config;

inline constexpr const char* kCanary = "canary-secret-value";

/// Sources over files in memory; records which were asked for.
struct Given {
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> flags;
  std::optional<std::string> config_flag;
  std::map<std::string, std::string> files;
  std::string unreadable;
  mutable std::vector<std::string> asked;

  Given& file(std::string text) {
    config_flag = "/c.toml";
    files["/c.toml"] = std::move(text);
    return *this;
  }
  Config load(std::optional<Error>* refused = nullptr) const {
    return Config::load(cli::config_table(),
                        {env, config_flag, flags,
                         [this](const std::string& path) -> std::optional<std::string> {
                           asked.push_back(path);
                           if (path == unreadable)
                             throw Error(ErrorKind::config, path + ": not for this user");
                           const auto found = files.find(path);
                           return found == files.end() ? std::nullopt : std::optional(found->second);
                         }},
                        refused);
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

inline Config::Origin origin_of(const Config& config, std::string_view key) {
  const auto all = config.origins();
  const auto found =
      std::ranges::find_if(all, [&](const Config::Origin& origin) { return origin.key->name == key; });
  if (found != all.end()) return *found;
  ADD_FAILURE() << key;
  return {};
}

}  // namespace am::test
