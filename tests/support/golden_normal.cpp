#include "support/golden_normal.hpp"

#include <algorithm>
#include <chrono>
#include <regex>

#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/version.hpp"

namespace am::test {

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// A moment near now is the machine's clock; business times of the cases lie in the past.
bool is_wall_time(const std::string& text) {
  const auto at = parse_rfc3339(text);
  if (!at) return false;
  const auto away = *at - std::chrono::system_clock::now();
  return away > -std::chrono::hours(1) && away < std::chrono::hours(25);
}

bool replace_wall_times(std::string& text) {
  static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  std::string out;
  bool any = false;
  auto last = text.cbegin();
  for (std::sregex_iterator it(text.begin(), text.end(), kTime), end; it != end; ++it) {
    out.append(last, (*it)[0].first);
    const bool wall = is_wall_time(it->str());
    out += wall ? "<time>" : it->str();
    any = any || wall;
    last = (*it)[0].second;
  }
  out.append(last, text.cend());
  text = std::move(out);
  return any;
}

std::string replaced(const std::string& text, const char* pattern, const char* with) {
  return std::regex_replace(text, std::regex(pattern), with);
}

}  // namespace

std::string Normaliser::operator()(std::string text) const {
  auto longest_first = texts;
  std::ranges::stable_sort(longest_first,
                           [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (const auto& [what, with] : longest_first) {
    if (!what.empty()) replace_all(text, what, with);
  }
  // Ids of the program are of version 7; ids that a case writes itself should not be.
  text =
      replaced(text, R"(\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b)", "<uuid>");
  if (replace_wall_times(text) && !text.starts_with("{")) {
    text = replaced(text, " {2,}", "  ");  // a moment's width varies, and so do the columns
  }
  text = replaced(text, R"re("bytes":( ?)[0-9]+)re", R"("bytes":$1<bytes>)");  // a path is among them
  text = replaced(text, R"re("sha256":( ?)"[0-9a-f]{64}")re", R"("sha256":$1"<sha256>")");
  text = replaced(text, R"re("duration":[0-9.e+-]+)re", R"("duration":"<seconds>")");
  text = replaced(text, R"(duration=[0-9.e+-]+)", "duration=<seconds>");
  text = replaced(text, R"re("holder":\{[^}]*\})re", R"("holder":"<holder>")");
  text = replaced(text, R"(host [^ ,]+, pid [0-9]+)", "host <host>, pid <pid>");
  text = replaced(text, "PostgreSQL [0-9.]+ on ", "PostgreSQL <server> on ");
  const std::string version(kernel::version());
  replace_all(text, "\"version\":\"" + version + "\"", R"("version":"<version>")");
  replace_all(text, "am " + version, "am <version>");
  text = replaced(text, "(^|\\n)version {2}[0-9.]+\\n", "$1version  <version>\n");
  const std::string schema = std::to_string(kernel::embedded_migrations().back().version);
  replace_all(text, "(schema " + schema + ")", "(schema <schema>)");
  replace_all(text, "\"schema\":" + schema, R"("schema":"<schema>")");
  replace_all(text, "(expected " + schema + ")", "(expected <schema>)");
  if (text.starts_with("{")) {
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!json.is_discarded()) return json.dump(2) + "\n";
  }
  return text;
}

}  // namespace am::test
