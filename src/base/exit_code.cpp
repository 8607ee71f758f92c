#include "am/base/exit_code.hpp"

#include <algorithm>
#include <array>

namespace am {
namespace {

constexpr std::array<ExitCodeInfo, 16> kTable{{
    {ExitCode::ok, "ok", "done, already done, or nothing to do", "nothing"},
    {ExitCode::failure, "failure", "a bug: an uncaught error", "alert"},
    {ExitCode::found, "found", "a check found something (pending, stale, would change); never an error",
     "caller decides"},
    {ExitCode::busy, "busy", "a live run holds the lease, or this run was fenced out", "next tick"},
    {ExitCode::partial, "partial", "finished with recorded gaps", "next tick, alert"},
    {ExitCode::exists, "exists", "--fail-if-exists, and it does", "caller decides"},
    {ExitCode::usage, "usage", "bad flags or arguments, before anything was touched", "never retry"},
    {ExitCode::data, "data", "a provider's, model's, feed's or file's data was rejected after retries",
     "alert"},
    {ExitCode::no_input, "no_input", "batch, run, day or file not found, or not due yet", "never retry"},
    {ExitCode::unavailable, "unavailable", "database or provider unreachable after retries", "retry"},
    {ExitCode::needs_human, "needs_human",
     "invariant broken, dead-lettered, or an effect whose outcome is unknown", "page"},
    {ExitCode::deferred, "deferred",
     "budget spent or paused, or the data is not published yet; progress saved", "retry later"},
    {ExitCode::denied, "denied", "credentials or privileges refused", "never retry"},
    {ExitCode::config, "config", "bad or missing configuration, or a schema that does not match",
     "never retry"},
    {ExitCode::interrupted, "interrupted", "SIGINT; the current item is finished or released", "retry"},
    {ExitCode::terminated, "terminated", "SIGTERM; the current item is finished or released", "retry"},
}};

constexpr std::array kBestToWorst{ExitCode::ok,      ExitCode::busy,        ExitCode::deferred,
                                  ExitCode::partial, ExitCode::unavailable, ExitCode::no_input,
                                  ExitCode::usage,   ExitCode::data,        ExitCode::denied,
                                  ExitCode::config,  ExitCode::needs_human, ExitCode::failure};

// Codes without a place in the order say that the run was ended from outside: they outrank all.
std::size_t rank(ExitCode code) {
  return static_cast<std::size_t>(std::ranges::find(kBestToWorst, code) - kBestToWorst.begin());
}

}  // namespace

std::span<const ExitCodeInfo> exit_codes() { return kTable; }

std::string_view exit_code_name(ExitCode code) {
  const auto* found = std::ranges::find(kTable, code, &ExitCodeInfo::code);
  return found == kTable.end() ? std::string_view{"unknown"} : found->name;
}

ExitCode worse(ExitCode a, ExitCode b) { return rank(b) > rank(a) ? b : a; }

}  // namespace am
