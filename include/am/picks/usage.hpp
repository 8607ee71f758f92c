#pragma once
// What the models that picked were paid: tokens by batch, and dollars where the prices are configured. Read from the
// weekly runs' steps, which are never pruned.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"

namespace am::picks {

/// Of every answer that a batch's week took: refused ones that came before the one that is used, and those of an attempt
/// that was discarded.
struct BatchUsage {
  std::string model;  ///< that was asked for; empty: not the same one each time
  long long answers = 0;
  bool complete = false;  ///< each answer says what it took
  long long prompt_tokens = 0;
  long long cached_tokens = 0;  ///< of the prompt's: those that the vendor had at hand
  long long completion_tokens = 0;
};

/// By the batch's id. A batch without an answer (another picker, an earlier service, a run that was pruned before runs
/// were kept) is not in it.
using UsageByBatch = std::map<std::string, BatchUsage>;

/// What to ask, for whoever asks several things at once, and what the result means.
kernel::Statement usage_statement();
UsageByBatch usage_of(const kernel::Rows& rows);
UsageByBatch usage_by_batch(kernel::Sql& sql);

/// Dollars for a million tokens, of one model.
struct TokenPrices {
  std::string model;
  Decimal input;
  Decimal cached;
  Decimal output;

  /// "input,cached,output", as openai.prices has it; nullopt for an empty text.
  /// Errors:  config: not three numbers from 0 to 1,000,000.
  static std::optional<TokenPrices> of(std::string_view text, std::string model);
};

/// Units:   US dollars, exact; nullopt ("unpriced") when an answer does not say what it took, or another model than the
///          prices' was asked.
/// Threads: pure.
std::optional<Decimal> dollars(const BatchUsage& usage, const TokenPrices& prices);

}  // namespace am::picks
