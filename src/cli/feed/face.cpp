#include "face.hpp"

#include <iterator>

#include "am/feed/desk.hpp"
#include "am/web/feed_section.hpp"
#include "feed_commands.hpp"
#include "tick.hpp"

namespace am::cli {

namespace {

std::vector<Command> feed_commands() {
  std::vector<Command> all;
  const auto add = [&](std::vector<Command> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  all.push_back(feed_plan());
  add(feed_status_commands());
  add(feed_retry_commands());
  all.push_back(feed_work());
  all.push_back(feed_consolidate());
  all.push_back(feed_rules());
  return all;
}

}  // namespace

DeskFace feed_face() {
  return {.desk = &feed::desk(),
          .commands = feed_commands,
          .summary = "a supplier's inventory, fetched in partitions, stored as it came, made one clean table",
          .tick = feed_tick,
          .resume = feed_resume,
          .section = web::feed_section};
}

}  // namespace am::cli
