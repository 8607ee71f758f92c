#include "support/golden_file.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace am::test {

namespace {

constexpr const char* kNoNewline = "\\ no newline at the end";

bool is_key(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

}  // namespace

GoldenFile GoldenFile::read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  GoldenFile file{path, {}, {}};
  std::vector<std::string> before;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto refuse = [&](const std::string& problem) {
      throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + problem);
    };
    if (line.empty() || line[0] == '#') {
      before.push_back(line);
    } else if (line[0] == '|' || line[0] == '\\') {
      if (file.entries.empty() || !before.empty()) refuse("a block line without its entry");
      GoldenEntry& entry = file.entries.back();
      if (line[0] == '\\') {
        if (line != kNoNewline || entry.block.empty())
          refuse("expected \"" + std::string(kNoNewline) + "\" below a block");
        entry.block.pop_back();
        continue;
      }
      if (line.size() > 1 && line[1] != ' ') refuse("expected a space after |");
      entry.block += (line.size() > 2 ? line.substr(2) : "") + "\n";
      entry.has_block = true;
    } else {
      const auto colon = line.find(':');
      if (colon == std::string::npos || !is_key(line.substr(0, colon)))
        refuse("expected \"key: value\", \"| block\" or \"# comment\"");
      file.entries.push_back(
          {line.substr(0, colon), trimmed(line.substr(colon + 1)), {}, false, number, std::move(before)});
      before.clear();
    }
  }
  file.after = std::move(before);
  return file;
}

std::string GoldenFile::text() const {
  std::string out;
  for (const GoldenEntry& entry : entries) {
    for (const std::string& line : entry.before) out += line + "\n";
    out += entry.key + ":" + (entry.value.empty() ? "" : " " + entry.value) + "\n";
    if (!entry.has_block) continue;
    std::istringstream lines(entry.block);
    for (std::string line; std::getline(lines, line);) out += (line.empty() ? "|" : "| " + line) + "\n";
    if (!entry.block.empty() && entry.block.back() != '\n') out += std::string(kNoNewline) + "\n";
  }
  for (const std::string& line : after) out += line + "\n";
  return out;
}

}  // namespace am::test
