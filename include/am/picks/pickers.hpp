#pragma once
// Who can pick: a language model, momentum over a named universe, or a JSON file. All three give picks that
// have passed parse_picks (rules.hpp). None reads a clock or the environment. Design: docs/architecture.md,
// "The picks desk".

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/log.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/market/market_dir.hpp"
#include "am/market/prices.hpp"
#include "am/picks/ports.hpp"
#include "am/picks/prompt_template.hpp"

namespace am::picks {

// --- openai -----------------------------------------------------------------------------------------------

struct OpenAiOptions {
  std::string base_url = "https://api.openai.com/v1";
  std::string api_key;
  std::string model = "gpt-4o-mini";
  std::string temperature = "0.2";              ///< a decimal number from 0 to 2; "none": not sent
  std::string response_format = "json_schema";  ///< or "json_object"; "none": not sent
  PromptTemplate prompt = usual_template();     ///< for another format than json_schema its shape is added
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{60000};  ///< for one whole answer
};

/// Chat Completions with a strict JSON schema; at most two questions, the second one stricter and quoting
/// what was wrong with the first answer (none, when a content filter withheld it). The key goes into the
/// Authorization header and nowhere else.
///
/// Errors:  when made: config, for a missing key or a temperature that is not one.
///          pick: data, no valid picks in the second answer either, a content filter, or an answer that is not the
///          API's; denied, key or account; config, the model or the request is refused; unavailable and deferred as
///          the client says.
/// Owns:    nothing; http and log must outlive it.
std::unique_ptr<Picker> make_openai_picker(kernel::HttpClient& http, kernel::Log& log, OpenAiOptions options);

/// The first choice of a Chat Completions answer; what the vendor left out is empty.
struct OpenAiAnswer {
  std::string content;  ///< of a list of parts the texts, joined
  std::string refusal;
  std::string finish_reason;
  std::string model;
  std::optional<long long> prompt_tokens;
  std::optional<long long> cached_tokens;  ///< of the prompt's
  std::optional<long long> completion_tokens;

  bool is_filtered() const { return finish_reason == "content_filter"; }
};

/// Errors:  Reject if it is not JSON, or has no first choice with a message.
/// Threads: pure.
Result<OpenAiAnswer> parse_openai_answer(std::string_view body);

/// The picks of the content as it is, else of the JSON object in it: after thoughts (<think>…</think>), in a code fence,
/// between other words.
///
/// Errors:  Reject for a refusal, a filtered, truncated or empty answer, and as parse_picks.
/// Threads: pure.
Result<std::vector<Pick>> picks_in(const OpenAiAnswer& answer, std::string_view benchmark);

// --- momentum ---------------------------------------------------------------------------------------------

/// The best two of the universe BUY, the worst SELL, by the return from 252 to 21 sessions back. With c[0]
/// the close of the last NYSE session strictly before run_date and c[k] the close k sessions earlier, the
/// return is c[21] / c[252] − 1 (the last month is left out, because it tends to reverse). Only symbols with
/// a close on each of the 253 sessions are ranked: a hole is a trading halt, a young share or a broken file,
/// none of which a return should span. Equal returns are ordered by ticker. The benchmark is not ranked. Known splits
/// between the two days are taken into account, none later: c[21] is brought to the shares of c[252].
///
/// noted:   what is stored of splits (market::actions_of), of every source; without it only what the provider knows itself.
/// Errors:  pick: data, fewer than 3 complete histories, and what the provider throws.
/// Owns:    the universe and each symbol's closes, fetched once for about a year of weeks; the provider must
/// outlive it. Threads: one at a time.
using KnownActions = std::function<std::vector<market::CorporateAction>()>;
std::unique_ptr<Picker> make_momentum_picker(market::PriceProvider& prices, market::Universe universe,
                                             KnownActions noted = {});

// --- file -------------------------------------------------------------------------------------------------

/// Picks from a JSON file: {"picks":[{"ticker","action","reasoning"} × 3]}, with an optional text "model" for
/// who made them. "-" is standard_input. Read once, at the first pick; the same picks for every run_date.
///
/// Errors:  pick: no_input, the file cannot be read; data "path: …" for a text above 1 MiB or one that
/// parse_picks refuses; as kernel::read_file for a pipe.
std::unique_ptr<Picker> make_file_picker(std::string path, std::istream& standard_input,
                                         const kernel::Patience& patience = {});

// --- imported ---------------------------------------------------------------------------------------------

/// Picks nothing: the weeks that `am import` took in have their picks, and others have none.
/// Errors:  pick: no_input, naming the Monday.
std::unique_ptr<Picker> make_imported_picker();

}  // namespace am::picks
