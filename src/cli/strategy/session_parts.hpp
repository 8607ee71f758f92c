#pragma once
// What the commands about sessions share: how a session looks, how others are told of it. Private.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "am/cli/command.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/sessions.hpp"

namespace am::cli {

/// Of a command about strategies or sessions. path: without "strategy".
CommandInfo session_command(std::string path, std::string summary, std::string details,
                            std::vector<std::string> examples, std::vector<std::string> more_config = {});

nlohmann::ordered_json session_json(const strategy::Session& session,
                                    const strategy::SessionFigures& figures);
/// A line for each and an element of a JSON list; no text for none.
void show_sessions(kernel::Sql& sql, const std::vector<strategy::Session>& sessions, Context& context,
                   Outcome& outcome);
/// "session 0198…-… (sma on AAPL, paper)": a session is never named without its mode.
std::string session_text(const strategy::Session& session);

/// In the log and in the result.
void warn(Context& context, Outcome& outcome, std::string text);
/// Tells Redis of sessions that began or ended. It is a hint: where it does not arrive, that is a warning, and engines find
/// out from the rows.
void announce_sessions(Context& context, const std::vector<strategy::Session>& sessions, Outcome& outcome);

}  // namespace am::cli
