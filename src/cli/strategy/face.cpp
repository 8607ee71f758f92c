#include "face.hpp"

#include <iterator>

#include "am/cli/context.hpp"
#include "am/strategy/desk.hpp"
#include "am/strategy/sessions.hpp"
#include "am/web/strategy_section.hpp"
#include "probes.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

std::vector<Command> strategy_commands() {
  std::vector<Command> all;
  const auto add = [&](std::vector<Command> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(strategy_row_commands());
  all.push_back(strategy_check());
  add(session_commands());
  add(trading_commands());
  all.push_back(flatten_command());
  all.push_back(strategy_run());
  all.push_back(strategy_replay());
  add(bar_commands());
  all.push_back(serve_gateway());
  all.push_back(strategy_trace());
  all.push_back(strategy_publish());
  all.push_back(strategy_ingest());
  return all;
}

void narrow_to_session(Context& context, const std::string& name, kernel::EventFilter& filter) {
  filter.subject = "session " + strategy::load_session(context.db(), name).id;
}

constexpr NamedGroup kStrategyGroups[] = {{"strategy bars", "bars of the past"}};

constexpr SubjectFlag kSubjects[] = {
    {"--session", "SESSION", "only of this session: its id, or its strategy's name", narrow_to_session}};

}  // namespace

DeskFace strategy_face() {
  return {.desk = &strategy::desk(),
          .commands = strategy_commands,
          .summary = "strategies over live bars, in sessions; their signals go to a gateway that trades",
          .groups = kStrategyGroups,
          .probes = strategy_probes,
          .subjects = kSubjects,
          .section = web::strategy_section};
}

}  // namespace am::cli
