#include "face.hpp"

#include <iterator>

#include "am/strategy/desk.hpp"
#include "am/web/strategy_section.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

std::vector<Command> strategy_commands() {
  std::vector<Command> all;
  const auto add = [&](std::vector<Command> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  // One line a command or group of commands.
  all.push_back(strategy_check());
  add(strategy_row_commands());
  add(session_commands());
  all.push_back(strategy_run());
  return all;
}

}  // namespace

DeskFace strategy_face() {
  return {.desk = &strategy::desk(),
          .commands = strategy_commands,
          .summary = "strategies over live bars, in sessions; their signals go to a gateway that trades",
          .section = web::strategy_section};
}

}  // namespace am::cli
