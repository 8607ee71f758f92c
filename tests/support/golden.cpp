#include "support/golden.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>
#include <unistd.h>

#include "am/base/text.hpp"
#include "am/cli/app.hpp"
#include "support/golden_file.hpp"
#include "support/golden_http.hpp"
#include "support/golden_normal.hpp"
#include "support/golden_promises.hpp"
#include "support/pg.hpp"

namespace am::test {

namespace fs = std::filesystem;

namespace {

const std::string kSourceDir = AM_SOURCE_DIR;

bool writing() {
  const char* value = std::getenv("AM_GOLDEN_WRITE");
  return value != nullptr && std::string_view(value) == "1";
}

class TempDir {
 public:
  TempDir() {
    std::string name = (fs::temp_directory_path() / "am-golden.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory: " + name);
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::pair<std::string, std::string> split_once(const std::string& text, const std::string& at) {
  const auto found = text.find(at);
  if (found == std::string::npos) return {std::string(trim(text)), ""};
  return {std::string(trim(text.substr(0, found))), std::string(trim(text.substr(found + at.size())))};
}

/// One case on its way through its entries.
class Case {
 public:
  Case(fs::path path, std::vector<GoldenEntry> entries)
      : path_(std::move(path)), entries_(std::move(entries)) {
    define("dir", directory_.path().string(), "<dir>");
    define("source", kSourceDir, "<source>");
    env_["AM_CONFIG"] = (directory_.path() / "am.toml").string();
    env_["LOG_LEVEL"] = "off";
    env_["ALPHA_VANTAGE_LIMITS"] = "1000/min";  // the default paces requests, a second each
    write_file("am.toml", "");
  }

  /// Returns the entries as they would be with the actual results.
  std::vector<GoldenEntry> play() {
    std::vector<GoldenEntry> entries = std::move(entries_);
    entries_.clear();
    std::size_t i = 0;
    if (entries.front().key == "case") entries_.push_back(entries[i++]);
    if (i == entries.size() || entries[i].key != "database") use_database("migrated");
    while (i < entries.size()) {
      GoldenEntry& entry = entries[i];
      if (i > 0 && is_result(entries_.back().key) && entry.before.empty()) entry.before = {""};
      entries_.push_back(entry);
      std::vector<GoldenEntry> expected;
      while (++i < entries.size() && is_expectation(entry.key, entries[i].key))
        expected.push_back(entries[i]);
      testing::ScopedTrace trace(path_.c_str(), entry.line, entry.key + ": " + entry.value);
      if (entry.key == "run") {
        run(entry, std::move(expected));
      } else if (entry.key == "query") {
        compare_rows(entry, std::move(expected));
      } else {
        step(entry);
      }
    }
    if (runs_ == 0) ADD_FAILURE() << "the case runs nothing";
    if (!script_.empty() || stdin_) ADD_FAILURE() << "replies or standard input without a run after them";
    return std::move(entries_);
  }

 private:
  struct Result {
    int exit = 0;
    std::string out;
    std::string err;
  };

  static bool is_expectation(const std::string& of, const std::string& key) {
    if (of == "query") return key == "rows";
    return of == "run" && (key == "exit" || key == "stdout" || key == "stdout-has" || key == "stderr");
  }

  static bool is_result(const std::string& key) {
    return is_expectation("run", key) || is_expectation("query", key);
  }

  void define(const std::string& name, const std::string& value, const std::string& shown) {
    words_["{" + name + "}"] = value;
    if (!shown.empty()) normal_.texts.emplace_back(value, shown);
  }

  std::string expand(std::string text) const {
    for (const auto& [word, value] : words_) {
      for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size())) {
        text.replace(at, word.size(), value);
      }
    }
    return text;
  }

  void write_file(const std::string& name, const std::string& text) {
    const fs::path path = directory_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  void use_database(const std::string& what) {
    if (what == "none") return;
    if (what != "migrated" && what != "empty") {
      env_["DATABASE_URL"] = what;
      return;
    }
    database_ =
        std::make_unique<TestDb>(what == "empty" ? TestDb::Content::empty : TestDb::Content::migrated);
    const std::string url = database_->url_elsewhere();
    env_["DATABASE_URL"] = url;
    define("url", url, "<url>");
    define("db", database_->name(), "<db>");
    std::smatch socket;
    if (std::regex_search(url, socket, std::regex("[?&]host=([^&]+)")))
      define("socket", socket[1], "<socket>");
  }

  kernel::Db& db() {
    if (!database_) throw std::runtime_error("the case has no database");
    if (!connection_) connection_ = database_->open();
    return *connection_;
  }

  void step(const GoldenEntry& entry) {
    const std::string value = expand(entry.value);
    const std::string block = expand(entry.block);
    if (entry.key == "database") {
      use_database(value);
    } else if (entry.key == "env") {
      const auto [name, text] = split_once(value, "=");
      env_.erase(name);
      if (!text.empty()) env_[name] = text;
    } else if (entry.key == "config") {
      write_file("am.toml", block);
    } else if (entry.key == "file") {
      write_file(value, block);
    } else if (entry.key == "role") {
      const auto [name, grants] = split_once(value, " ");
      std::vector<std::string> list;
      for (const std::string& grant : split(grants, ';')) {
        if (!trim(grant).empty()) list.emplace_back(trim(grant));
      }
      define(name, database_->create_role(list), "<" + name + ">");
    } else if (entry.key == "sql") {
      db().transact([&](kernel::Transaction& tx) { tx.script(entry.has_block ? block : value); });
    } else if (entry.key == "let") {
      const auto [name, query] = split_once(value, " ");
      define(name, value_of(db(), query), "");
    } else if (entry.key == "stdin") {
      stdin_ = block;
    } else if (entry.key == "terminal" && value == "stderr") {
      terminal_ = true;
    } else if (entry.key == "signal") {
      signal_ = std::stoi(value);
    } else if (entry.key == "http") {
      script_.push_back(scripted_reply(value, block));
    } else if (entry.key == "header" && !script_.empty()) {
      const auto [name, text] = split_once(value, ":");
      script_.back().response.headers.emplace_back(to_lower(name), text);
    } else {
      ADD_FAILURE() << "\"" << entry.key << "\" is not known, or not here";
    }
  }

  Result call(const std::vector<std::string>& args) {
    ScriptedHttp http;
    for (const ScriptedReply& reply : script_) {
      if (reply.lost.empty()) {
        http.reply(reply.method, reply.url_part, reply.response, reply.times);
      } else {
        http.fail(reply.method, reply.url_part, Error(ErrorKind::unavailable, reply.lost), reply.times);
      }
    }
    script_.clear();
    std::istringstream in(stdin_.value_or(""));
    std::ostringstream out;
    std::ostringstream err;
    kernel::Stop stop({std::chrono::hours(1), std::chrono::hours(1)});  // on a busy machine, too
    if (signal_ != 0) stop.request(signal_);
    cli::Environment environment{env_, in, out, err, false, terminal_, stop};
    environment.transport = &http;
    stdin_.reset();
    signal_ = 0;
    terminal_ = false;
    const int code = cli::run_app(args, environment);
    return {code, out.str(), err.str()};
  }

  void run(const GoldenEntry& entry, std::vector<GoldenEntry> expected) {
    ++runs_;
    const std::vector<std::string> args = shell_words(expand(entry.value));
    const Result result = call(args);
    check_promises({args, env_, result.exit, result.out, result.err});
    const std::string out = normal_(result.out);
    const std::string err = normal_(result.err);

    std::map<std::string, std::string> wanted;
    std::vector<GoldenEntry> has;
    for (const GoldenEntry& one : expected) {
      if (one.key == "stdout-has") has.push_back(one);
      wanted[one.key] = one.key == "exit" ? one.value : one.block;
    }
    entries_.push_back({"exit", std::to_string(result.exit), {}, false, 0, {}});
    for (const GoldenEntry& one : has) {
      entries_.push_back(one);
      EXPECT_NE(out.find(one.value), std::string::npos) << "stdout lacks: " << one.value;
    }
    if (has.empty() && !out.empty()) entries_.push_back({"stdout", "", out, true, 0, {}});
    if (!err.empty()) entries_.push_back({"stderr", "", err, true, 0, {}});
    if (writing()) return;
    if (!wanted.contains("exit")) ADD_FAILURE() << "nothing is expected of this run: no exit";
    EXPECT_EQ(wanted["exit"], std::to_string(result.exit)) << err << out;
    if (has.empty()) {
      EXPECT_EQ(wanted["stdout"], out);
    }
    EXPECT_EQ(wanted["stderr"], err);
  }

  void compare_rows(const GoldenEntry& entry, std::vector<GoldenEntry> expected) {
    const kernel::Rows rows = db().query(expand(entry.has_block ? entry.block : entry.value));
    std::string text;
    for (const kernel::SqlValues& row : rows.values) {
      std::vector<std::string> fields;
      for (const kernel::SqlValue& value : row) fields.push_back(value.value_or("null"));
      text += join(fields, "  ") + "\n";
    }
    text = normal_(text);
    entries_.push_back({"rows", text.empty() ? "none" : "", text, !text.empty(), 0, {}});
    if (writing()) return;
    if (expected.empty()) {
      ADD_FAILURE() << "nothing is expected of this query: no rows";
    } else {
      EXPECT_EQ(expected.front().block, text);
    }
  }

  fs::path path_;
  std::vector<GoldenEntry> entries_;
  TempDir directory_;
  std::unique_ptr<TestDb> database_;
  std::unique_ptr<kernel::Db> connection_;
  std::map<std::string, std::string> env_;
  std::map<std::string, std::string> words_;
  Normaliser normal_;
  std::vector<ScriptedReply> script_;
  std::optional<std::string> stdin_;
  int signal_ = 0;
  bool terminal_ = false;
  int runs_ = 0;
};

/// A story's cases, each with its own "case:" entry; of a file that has none, its entries.
std::vector<std::vector<GoldenEntry>> cases_of(std::vector<GoldenEntry> entries) {
  std::vector<std::vector<GoldenEntry>> cases;
  for (GoldenEntry& entry : entries) {
    if (cases.empty() || entry.key == "case") cases.emplace_back();
    cases.back().push_back(std::move(entry));
  }
  return cases;
}

}  // namespace

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kSourceDir + "/tests/golden")) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run_golden(const fs::path& path) {
  GoldenFile file = GoldenFile::read(path);
  const auto cases = cases_of(std::move(file.entries));
  file.entries.clear();
  for (const std::vector<GoldenEntry>& one : cases) {
    std::vector<GoldenEntry> played = Case(path, one).play();
    std::ranges::move(played, std::back_inserter(file.entries));
  }
  if (cases.empty()) ADD_FAILURE() << path << " has no case";
  if (writing()) std::ofstream(path, std::ios::binary) << file.text();
}

}  // namespace am::test
