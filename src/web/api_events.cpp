// /events: the run ledger's, of all desks. Fields and their order are the earlier service's, batch_id among them: a column
// of ops.events, null where an event is of no batch.

#include "am/base/date.hpp"
#include "json_write.hpp"
#include "service.hpp"

namespace am::web {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Statement;

namespace {

struct EventRow {
  std::string id;  ///< a number that grows with time
  std::string at;  ///< RFC 3339 UTC; "infinity", where another program stored that
  std::string kind;
  std::optional<std::string> batch_id;
  std::optional<std::string> run_id;
  std::string data;  ///< JSON text
};

struct EventPage {
  std::vector<EventRow> events;  ///< newest first
  std::optional<std::string> next_cursor;
};

/// cursor: an event's id, exclusive.
Statement events_statement(const std::optional<std::string>& batch_id, int limit,
                           const std::optional<std::string>& cursor) {
  // Two statements: each walks one index backwards and stops.
  constexpr std::string_view kEvents =
      "SELECT id::text AS id, (extract(epoch FROM CASE WHEN isfinite(at) THEN at END) * 1000000)::bigint AS at, "
      "at::text AS stored_at, kind, batch_id::text AS batch_id, "
      "run_id::text AS run_id, data::text AS data FROM ops.events AS events "
      "WHERE id < coalesce($1::bigint, 9223372036854775807) ";
  if (batch_id) {
    return {std::string(kEvents) + "AND batch_id = $3::uuid ORDER BY events.id DESC LIMIT $2::int",
            sql_values(cursor, limit + 1, batch_id)};
  }
  return {std::string(kEvents) + "ORDER BY events.id DESC LIMIT $2::int", sql_values(cursor, limit + 1)};
}

EventPage events_of(const Rows& rows, int limit) {
  EventPage page;
  for (const Row row : rows) {
    page.events.push_back(
        {row.text("id"), row.is_null("at") ? row.text("stored_at") : format_rfc3339(row.micros("at")),
         row.text("kind"), row.maybe_text("batch_id"), row.maybe_text("run_id"), row.text("data")});
  }
  if (cut_to(page.events, limit)) page.next_cursor = page.events.back().id;
  return page;
}

void write_event(std::string& out, const EventRow& event) {
  out += '{';
  text_member(out, "id", event.id);
  text_member(out, "at", event.at);
  text_member(out, "kind", event.kind);
  maybe_member(out, "batch_id", event.batch_id);
  maybe_member(out, "run_id", event.run_id);
  key(out, "data");
  append_stored(out, event.data);
  out += '}';
}

}  // namespace

std::vector<kernel::Statement> ask_events(const Args& args) {
  return {events_statement(maybe_arg(args, "batch_id"), limit_of(args), maybe_arg(args, "cursor"))};
}

Document make_events(const Args& args, const std::vector<kernel::Rows>& results) {
  const EventPage page = events_of(results.at(0), limit_of(args));
  std::string out = "{";
  array_member(out, "events", page.events, write_event);
  maybe_member(out, "next_cursor", page.next_cursor);
  return json_document(std::move(out));
}

}  // namespace am::web
