#include "support/golden_promises.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/command.hpp"
#include "am/kernel/config.hpp"
#include "cli/config_table.hpp"

namespace am::test {

namespace {

const std::vector<std::string> kFields = {
    "schema_version", "command",  "outcome", "exit_code",  "retryable",   "not_before", "run_id", "slot",
    "counts",         "warnings", "error",   "started_at", "finished_at", "version",    "data"};

constexpr int kPartial = 12;

bool wants_json(const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "--") return false;
    if ((word == "-o" || word == "--output") && i + 1 < args.size()) return args[i + 1] == "json";
    if (word == "-ojson" || word == "-o=json" || word == "--output=json") return true;
  }
  return false;
}

bool wants_help(const std::vector<std::string>& args) {
  return std::ranges::any_of(args, [](const std::string& word) { return word == "-h" || word == "--help"; });
}

/// The longest command that the first words name.
void check_exit_is_listed(const FinishedRun& run) {
  std::string words;
  for (const std::string& word : run.args) words += word + " ";
  cli::CommandInfo found;
  for (const cli::Command& command : cli::commands()) {
    if (words.starts_with(command.info.path + " ") && command.info.path.size() > found.path.size())
      found = command.info;
  }
  std::vector<int> listed = {0, 1, 64, 69, 78, 130, 143};
  for (const ExitCode code : found.exits) listed.push_back(static_cast<int>(code));
  if (found.path.empty()) return;
  EXPECT_TRUE(std::ranges::find(listed, run.exit) != listed.end())
      << "am " << found.path << " ended with " << run.exit << ", which its help does not list";
}

void check_json(const FinishedRun& run) {
  EXPECT_TRUE(run.out.ends_with('\n') && std::ranges::count(run.out, '\n') == 1)
      << "not one line: " << run.out;
  const auto json = nlohmann::ordered_json::parse(run.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << "not one JSON object: " << run.out;
  std::vector<std::string> fields;
  for (const auto& [name, value] : json.items()) fields.push_back(name);
  EXPECT_EQ(fields, kFields);
  EXPECT_EQ(json["exit_code"], run.exit);
  if (run.exit == kPartial) return;  // gaps can be errors, or days that were given up
  EXPECT_EQ(run.exit == 0 || run.exit == 10, json["error"].is_null())
      << "an error belongs to every failure, and to no success";
}

void check_error_texts(const FinishedRun& run) {
  std::istringstream lines(run.err);
  int errors = 0;
  for (std::string line; std::getline(lines, line);) {
    line = std::regex_replace(line, std::regex("\x1b\\[[0-9]*m"), "");
    const bool error = line.starts_with("am: ");
    if (!error && !line.starts_with("hint: ")) continue;
    errors += error ? 1 : 0;
    EXPECT_FALSE(line.ends_with('.')) << "a full stop at the end: " << line;
    EXPECT_FALSE(line.ends_with(' ') || line.find("()") != std::string::npos) << "an empty part: " << line;
  }
  if (run.exit == kPartial) return;
  const bool failed = run.exit != 0 && run.exit != 10;
  EXPECT_EQ(errors, failed && !wants_json(run.args) ? 1 : 0) << run.err;
}

/// Whatever anybody wrote into a name or a reasoning, a terminal shows it: it obeys our own colours and progress bar.
void check_nothing_is_obeyed(const std::string& text) {
  const std::string plain =
      std::regex_replace(text, std::regex("\x1b\\[(0|31|32|33)m|\r(?=\\[[#.]{40}\\])"), "");
  EXPECT_EQ(plain, printable_lines(plain));
}

void check_secrets(const FinishedRun& run) {
  for (const kernel::ConfigKey& key : cli::config_table().keys()) {
    if (key.type != kernel::KeyType::secret || key.env.empty()) continue;
    const auto it = run.env.find(std::string(key.env));
    if (it == run.env.end() || it->second.size() < 8) continue;
    EXPECT_EQ(run.out.find(it->second), std::string::npos) << key.env << " is on stdout";
    EXPECT_EQ(run.err.find(it->second), std::string::npos) << key.env << " is on stderr";
  }
}

}  // namespace

void check_promises(const FinishedRun& run) {
  EXPECT_NE(run.exit, 1) << "a bug, or a kind of error without a code\n" << run.err;
  check_exit_is_listed(run);
  if (!wants_help(run.args)) {
    if (wants_json(run.args)) check_json(run);
    check_error_texts(run);
  }
  check_nothing_is_obeyed(run.out);
  check_nothing_is_obeyed(run.err);
  check_secrets(run);
}

}  // namespace am::test
