#pragma once
// What the picks jobs need from outside: someone who picks, and closes by source.

#include <functional>
#include <string>

#include "am/market/closes.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

/// What a picker came to, and how; kept whole on the run's step.
struct Picked {
  std::vector<Pick> picks;
  std::string picker;           ///< "openai", "momentum", "file"
  std::string model;            ///< that was asked for; empty: none
  std::string served_model{};   ///< that answered; empty: none
  std::string prompt_hash;      ///< SHA-256; empty: no prompt
  std::string template_text{};  ///< what the prompt was made from; empty: no prompt
  std::string record_json;      ///< whatever else is worth keeping: prompt, raw answer, tokens
};

class Picker {
 public:
  virtual ~Picker() = default;
  virtual std::string name() const = 0;
  /// It has read about the time after run_date when that is past (a language model): refused for earlier weeks.
  virtual bool sees_the_future() const = 0;
  /// Picks that parse_picks accepts; none of them is the benchmark.
  /// Errors:  data, when no valid picks came after the picker's own retry; unavailable, denied, config as the
  ///          vendor's client says.
  virtual Picked pick(Date run_date, const std::string& benchmark) = 0;
};

/// The closes of one source ("alpha-vantage", "csv:/dir"); the reference lives as long as the command.
using ClosesBySource = std::function<market::Closes&(const std::string& source)>;

}  // namespace am::picks
