#include "face.hpp"

#include "am/feed/desk.hpp"
#include "am/web/feed_section.hpp"
#include "feed_commands.hpp"

namespace am::cli {

namespace {

std::vector<Command> feed_commands() {
  std::vector<Command> all;
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
          .section = web::feed_section};
}

}  // namespace am::cli
