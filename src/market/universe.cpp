#include "am/market/market_dir.hpp"
#include "am/market/symbol.hpp"
#include "market_file.hpp"
#include "market_manifest.hpp"

namespace am::market {

Universe read_universe(const std::filesystem::path& file, const kernel::Patience& patience) {
  const Manifest manifest = read_manifest(file, patience);
  const std::size_t names = manifest.symbols.size();
  if (names < kFewestNames || names > kMostNames) {
    refuse(file.string(), "universe.symbols: expected " + std::to_string(kFewestNames) + " to " +
                              std::to_string(kMostNames) + " symbols, got " + std::to_string(names));
  }
  if (!manifest.as_of) {
    refuse(file.string(), "universe.as_of: not given (expected a date such as 1998-12-31)",
           "it says from when on nobody could have chosen the names with hindsight");
  }
  Universe universe{
      manifest.universe_name.value_or(file.stem().string()), manifest.as_of, {}, manifest.sha256};
  for (const Manifest::Symbol& symbol : manifest.symbols) {
    if (!is_symbol(symbol.name))
      refuse(symbol.place, "universe.symbols: not a symbol (expected 1 to 32 visible ASCII characters)");
    universe.symbols.push_back(canonical_symbol(symbol.name));
  }
  return universe;
}

}  // namespace am::market
