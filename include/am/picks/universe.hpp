#pragma once
// The closes of a price source as the report needs them: those that betas are computed from, and the universe that luck is
// measured against.

#include <functional>
#include <optional>
#include <string>

#include "am/market/market_dir.hpp"
#include "am/picks/beta.hpp"

namespace am::picks {

/// What is known of one price source.
struct SourceCloses {
  std::string source;
  std::optional<market::Universe> universe;  ///< none: no luck control
  std::string universe_sha256;
  std::string problem;  ///< why it cannot be read; empty: it can
  ClosesBySymbol closes;
};

/// By the price source of a batch; what it answers stays where it is.
using ClosesOf = std::function<const SourceCloses&(const std::string& price_source)>;

}  // namespace am::picks
