#include "market_manifest.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#ifndef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 0  // the compiled library saves seconds per build
#endif
#include <toml++/toml.h>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/market/symbol.hpp"
#include "market_file.hpp"

namespace am::market {
namespace {

namespace fs = std::filesystem;

class ManifestReader {
 public:
  ManifestReader(const fs::path& file, const kernel::Patience& patience) : file_(file.string()) {
    try {
      const std::string text = read_text(file, patience);
      sha256_ = sha256_hex(text);
      root_ = toml::parse(text, file_);
    } catch (const toml::parse_error& error) {
      refuse(place(error.source()), to_lower(std::string(error.description()).substr(0, 1)) +
                                        std::string(error.description()).substr(1));
    }
  }

  Manifest read() const {
    Manifest manifest;
    manifest.sha256 = sha256_;
    check_keys(root_, {"name", "benchmark", "adjusted", "universe"});
    if (const auto* node = root_.get("name")) manifest.name = text(*node, "name");
    if (const auto* node = root_.get("benchmark")) {
      manifest.benchmark = Manifest::Symbol{text(*node, "benchmark"), place(node->source())};
    }
    if (const auto* node = root_.get("adjusted")) {
      const auto adjusted = node->value_exact<bool>();
      if (!adjusted) refuse(place(node->source()), "adjusted: expected true or false");
      manifest.adjusted = *adjusted;
    }
    if (const auto* node = root_.get("universe")) read_universe(*node, manifest);
    return manifest;
  }

 private:
  void read_universe(const toml::node& universe, Manifest& manifest) const {
    const auto* table = universe.as_table();
    if (table == nullptr) refuse(place(universe.source()), "universe: expected a table");
    check_keys(*table, {"name", "as_of", "symbols"});
    if (const auto* node = table->get("name")) manifest.universe_name = text(*node, "universe.name");
    if (const auto* node = table->get("as_of")) manifest.as_of = date(*node);
    const auto* node = table->get("symbols");
    if (node == nullptr) return;
    const auto* symbols = node->as_array();
    if (symbols == nullptr || symbols->empty()) {
      refuse(place(node->source()), "universe.symbols: expected a list of at least one symbol");
    }
    std::set<std::string> seen;
    for (const toml::node& symbol : *symbols) {
      const std::string name = text(symbol, "universe.symbols");
      if (!seen.insert(canonical_symbol(name)).second) {
        refuse(place(symbol.source()), "universe.symbols: " + shown(name) + " appears twice");
      }
      manifest.symbols.push_back({name, place(symbol.source())});
    }
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      const std::string name{key.str()};
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::string near = nearest_name(name, known);
      refuse(place(key.source()),
             "unknown key " + shown(name) + " (expected one of " + join(known, ", ") + ")",
             near.empty() ? "" : "did you mean '" + near + "'?");
    }
  }

  std::string text(const toml::node& node, const std::string& key) const {
    const auto value = node.value<std::string>();
    if (!node.is_string() || trim(*value).empty()) {
      refuse(place(node.source()), key + ": expected a string that is not empty");
    }
    return *value;
  }

  Date date(const toml::node& node) const {
    if (const auto* day = node.as_date()) return Date{day->get().year, day->get().month, day->get().day};
    const auto parsed = Date::parse(node.value_or(std::string_view{}));
    if (!parsed) refuse(place(node.source()), "universe.as_of: expected a date such as 1998-12-31");
    return *parsed;
  }

  std::string place(const toml::source_region& region) const {
    return file_ + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
  }

  std::string file_;
  std::string sha256_;
  toml::table root_;
};

}  // namespace

Manifest read_manifest(const std::filesystem::path& file, const kernel::Patience& patience) {
  return ManifestReader(file, patience).read();
}

}  // namespace am::market
