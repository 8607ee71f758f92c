// A directory of migrations in golang-migrate's layout.

#include <algorithm>
#include <filesystem>
#include <map>

#include "am/base/text.hpp"
#include "am/kernel/migrations.hpp"
#include "sql_script.hpp"

namespace am::kernel {

namespace {

constexpr int kMaxVersion = 999999;
constexpr std::size_t kMaxBytes = std::size_t{16} << 20U;  // of one file

struct FileName {
  int version;
  std::string name;
  bool up;
};

std::optional<FileName> parse_name(std::string_view file) {
  const bool up = file.ends_with(".up.sql");
  if (!up && !file.ends_with(".down.sql")) return std::nullopt;
  const std::string_view stem = file.substr(0, file.size() - (up ? 7 : 9));
  const std::size_t underscore = stem.find('_');
  if (underscore == std::string_view::npos || underscore + 1 == stem.size()) return std::nullopt;
  std::string_view digits = stem.substr(0, underscore);
  while (digits.size() > 1 && digits.starts_with('0')) digits.remove_prefix(1);
  const auto version = parse_integer(digits, 1, kMaxVersion);
  const std::string_view name = stem.substr(underscore + 1);
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
  if (!version || !plain) return std::nullopt;
  return FileName{static_cast<int>(*version), std::string(name), up};
}

std::string read_migration(const std::filesystem::path& path, const Patience& patience) {
  Result<std::string, FileProblem> text = read_file(path.string(), {.most = kMaxBytes, .patience = patience});
  if (!text) throw Error(ErrorKind::no_input, path.string() + ": can't be read: " + text.error().reason);
  return std::move(text).value();
}

/// One that commits by itself would leave its record behind, and a comparison of tables would not be undone.
void refuse_transaction_control(const std::filesystem::path& path, std::string_view text) {
  const std::optional<ScriptStatement> found = find_transaction_control(text);
  if (!found) return;
  throw Error(ErrorKind::config,
              path.string() + ":" + std::to_string(found->line) + ": " + found->word +
                  " in a migration (expected none: each is one transaction, together with its record)",
              "take BEGIN, COMMIT and ROLLBACK out of the file");
}

/// The files of one version, until both are there.
struct Pair {
  std::string name;
  std::optional<std::string> up;
  std::optional<std::string> down;
};

void add(std::map<int, Pair>& pairs, const FileName& file, const std::filesystem::path& path,
         const Patience& patience) {
  Pair& pair = pairs[file.version];
  std::optional<std::string>& text = file.up ? pair.up : pair.down;
  if (text || (!pair.name.empty() && pair.name != file.name)) {
    throw Error(ErrorKind::config,
                path.string() + ": a second migration with number " + std::to_string(file.version),
                "give it the next free number");
  }
  pair.name = file.name;
  text = read_migration(path, patience);
  refuse_transaction_control(path, *text);
}

}  // namespace

std::vector<Migration> load_migrations(const std::string& directory, const Patience& patience) {
  std::error_code problem;
  std::map<int, Pair> pairs;
  std::filesystem::directory_iterator files(directory, problem);
  if (problem)
    throw Error(ErrorKind::no_input,
                directory + ": no directory of migrations (" + to_lower(problem.message()) + ")");
  for (const auto& entry : files) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".sql")) continue;
    const auto file = parse_name(name);
    if (!file)
      throw Error(ErrorKind::config,
                  entry.path().string() + ": bad name (expected NNNN_name.up.sql or NNNN_name.down.sql)");
    add(pairs, *file, entry.path(), patience);
  }
  if (pairs.empty())
    throw Error(ErrorKind::no_input, directory + ": no migrations (expected NNNN_name.up.sql files)");

  std::vector<Migration> migrations;
  for (auto& [version, pair] : pairs) {
    const int expected = static_cast<int>(migrations.size()) + 1;
    if (version != expected) {
      throw Error(ErrorKind::config,
                  directory + ": migration " + std::to_string(expected) + " is missing (next is " +
                      std::to_string(version) + " " + pair.name + ")",
                  "restore the file, or number them without gaps");
    }
    if (!pair.up || !pair.down) {
      throw Error(ErrorKind::config,
                  directory + ": migration " + std::to_string(version) + " " + pair.name + " has no " +
                      (pair.up ? "down" : "up") + " file",
                  "every migration is a pair of .up.sql and .down.sql");
    }
    migrations.push_back({version, pair.name, std::move(*pair.up), std::move(*pair.down)});
  }
  return migrations;
}

}  // namespace am::kernel
