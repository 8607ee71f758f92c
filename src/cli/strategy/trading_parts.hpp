#pragma once
// What stop, halt, resume and flatten share: the state is committed, then what is under way is waited for. The gateway does
// the cancelling, also one that comes back later. Private.

#include <chrono>
#include <string>
#include <vector>

#include "am/cli/command.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/sessions.hpp"

namespace am::cli {

inline constexpr const char* kSessionsHelp =
    "sessions, by id, or by the strategy's name where one of it runs";
inline constexpr const char* kReasonHelp = "why; it is kept on the session and in its event";

CommandInfo trading_command(std::string path, std::string summary, std::string details,
                            std::vector<std::string> examples, std::vector<std::string> more_config = {});

/// Errors:  usage: neither sessions nor --all, or both.
void check_words(const std::vector<std::string>& sessions, bool all);
/// Errors:  as strategy::load_session.
std::vector<strategy::Session> named_sessions(Context& context, const std::vector<std::string>& names);

/// --max-wait; 0 with --on-busy fail.
std::chrono::milliseconds most_wait(const Context& context);
/// Waits until nothing that may not be is at the broker or on its way to it; what is left is told of, with 12. Without a
/// gateway nobody would cancel: then only what may still be sent is waited for.
/// session_id: empty: of all. every_order: also those that its state allows.
void quiet_down(Context& context, const std::string& session_id, Outcome& outcome, bool every_order = false);

/// The sessions as they are now, and the text.
Outcome told_of(Context& context, const std::vector<strategy::Session>& before, Outcome outcome,
                const std::string& text);
/// A changed outcome, unless it is worse already.
void note_change(Outcome& outcome);

}  // namespace am::cli
