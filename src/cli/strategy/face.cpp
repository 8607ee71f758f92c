#include "face.hpp"

#include <iterator>

#include "am/strategy/desk.hpp"
#include "am/web/strategy_section.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

std::vector<Command> strategy_commands() {
  std::vector<Command> all;
  // One line a command or group of commands.
  all.push_back(strategy_check());
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
