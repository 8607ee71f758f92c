#include "store_page.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <unordered_map>
#include <utility>

#include "am/base/text.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;
using kernel::SqlValues;

namespace {

/// An item that a person queued again is as old as that.
constexpr std::string_view kProgress = R"(
SELECT next_offset, created_at < now() - interval '24 hours' AND NOT EXISTS (SELECT FROM ops.events e
    WHERE e.kind = 'item_retried' AND e.at >= now() - interval '24 hours' AND e.data ->> 'key' = p.key) AS is_expired
FROM feed.partition_progress p WHERE id = $1::bigint)";

constexpr std::string_view kBeginWorker = R"(
INSERT INTO feed.worker_runs AS w (run_id, partition_id, worker_id, status, records_processed, work_item_payload, started_at)
SELECT run_id, partition_id, $2, 'running', records, payload, clock_timestamp() FROM feed.partition_progress
WHERE id = $1::bigint
ON CONFLICT (run_id, partition_id) DO UPDATE SET worker_id = excluded.worker_id, status = 'running', error_message = NULL,
  finished_at = NULL)";

/// The ids as one text a page: of half a million stones they are a few megabytes, as rows they would be tens.
constexpr std::string_view kSeen = R"(
SELECT g.received, array_to_string(g.ids, ' ') AS ids FROM feed.partition_progress p
JOIN feed.pages g ON g.run_id = p.run_id AND g.partition_id = p.partition_id WHERE p.id = $1::bigint)";

/// Stone by stone, by the index: given them all at once, a server without fresh statistics reads the whole table.
constexpr std::string_view kProbe = R"(
SELECT r.id, r.supplier_stone_id, r.payload_hash FROM unnest($2::text[]) AS s (stone), LATERAL (
  SELECT id, supplier_stone_id, payload_hash FROM feed.raw_diamonds_nivoda
  WHERE feed = $1 AND supplier_stone_id = s.stone LIMIT 1) r)";

/// What is written comes as columns, in statements whose text is always the same: with a parameter for each value the server took
/// half as long to parse and plan as to write. The payloads are one text: an array's would escape each quote of JSON. No JSON
/// has a raw U+001E.
constexpr std::string_view kInsert = R"(
INSERT INTO feed.raw_diamonds_nivoda AS r (feed, run_id, supplier_stone_id, offer_id, source_updated_at, payload,
  payload_hash, fetched_at, created_at, updated_at)
SELECT $1, $2::uuid, v.stone, v.offer, v.updated, v.payload::json, v.hash, $3::timestamptz, statement_timestamp(),
  statement_timestamp()
FROM unnest($4::text[], $5::text[], $6::timestamptz[], string_to_array($7, E'\x1e'), $8::text[])
  AS v (stone, offer, updated, payload, hash)
ON CONFLICT (feed, supplier_stone_id) DO UPDATE SET run_id = excluded.run_id, offer_id = excluded.offer_id,
  source_updated_at = excluded.source_updated_at, payload = excluded.payload, payload_hash = excluded.payload_hash,
  consolidated = false, consolidation_error = NULL, fetched_at = excluded.fetched_at, updated_at = excluded.updated_at
WHERE r.payload_hash <> excluded.payload_hash AND r.fetched_at <= excluded.fetched_at
RETURNING id, supplier_stone_id)";

/// The same for rows that are known: there an INSERT checks a row that it doesn't insert, and locks the other before it writes it.
constexpr std::string_view kUpdate = R"(
UPDATE feed.raw_diamonds_nivoda r SET run_id = $2::uuid, offer_id = v.offer, source_updated_at = v.updated,
  payload = v.payload::json, payload_hash = v.hash, consolidated = false, consolidation_error = NULL,
  fetched_at = $3::timestamptz, updated_at = statement_timestamp()
FROM unnest($4::bigint[], $5::text[], $6::timestamptz[], string_to_array($7, E'\x1e'), $8::text[])
  AS v (id, offer, updated, payload, hash)
WHERE r.feed = $1 AND r.id = v.id AND r.id = ANY ($4::bigint[]) AND r.payload_hash <> v.hash AND r.fetched_at <= $3::timestamptz
RETURNING r.id, r.supplier_stone_id)";

/// It is the fence too: who does not hold the item any more moves nothing, and what this transaction wrote goes with it.
/// Attempts are counted from the last page on: a crawl of ten minutes outlives more than five workers.
constexpr std::string_view kStoreProgress = R"(
WITH moved AS (
  UPDATE feed.partition_progress SET next_offset = $4::bigint, records = $5::bigint, attempts = least(attempts, 1)
  WHERE id = $1::bigint AND epoch = $2::bigint AND status = 'running' AND ready_at > now() AND next_offset = $3::bigint
  RETURNING run_id, partition_id
), counted AS (
  UPDATE feed.worker_runs SET records_processed = $5::bigint
  WHERE run_id = (SELECT run_id FROM moved) AND partition_id = (SELECT partition_id FROM moved)
)
INSERT INTO feed.pages (run_id, partition_id, page, at_offset, received, new, changed, ids, fetched_at)
SELECT run_id, partition_id, $6::int, $7::bigint, $8::int, $9::int, $10::int, $11::bigint[], $12::timestamptz FROM moved)";

/// "1 2 3"
std::vector<long long> ids_of(std::string_view text) {
  std::vector<long long> ids;
  while (!text.empty()) {
    long long id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc()) break;
    ids.push_back(id);
    text.remove_prefix(std::min(static_cast<std::size_t>(end - text.data()) + 1, text.size()));
  }
  return ids;
}

struct Known {
  long long id = 0;
  std::string hash;
};

std::unordered_map<std::string, Known> probe(kernel::Sql& sql, const std::string& feed,
                                             std::span<const Offer* const> offers) {
  std::vector<SqlValue> stones;
  for (const Offer* offer : offers) stones.push_back(sql_value(offer->supplier_stone_id));
  const Rows rows = sql.query(kProbe, sql_values(feed, sql_array(stones)));
  std::unordered_map<std::string, Known> known;
  for (const Row row : rows)
    known.emplace(row.text("supplier_stone_id"), Known{row.integer("id"), row.text("payload_hash")});
  return known;
}

/// Each stone once, as it came last, in the order in which transactions lock them: of those that share stones hardly any waits
/// for another that waits for it. One that does is run again.
std::vector<const Offer*> distinct(const std::vector<Offer>& offers) {
  std::vector<const Offer*> sorted;
  for (auto offer = offers.rbegin(); offer != offers.rend(); ++offer) sorted.push_back(&*offer);
  const auto stone = [](const Offer* offer) -> const std::string& { return offer->supplier_stone_id; };
  std::ranges::stable_sort(sorted, {}, stone);
  const auto repeats = std::ranges::unique(sorted, {}, stone);
  sorted.erase(repeats.begin(), repeats.end());
  return sorted;
}

/// keys: of the rows that exist, or the stones of those that don't. written: gets the rows that were, by stone.
void write(kernel::Sql& sql, std::string_view statement, const std::string& feed, const std::string& run_id,
           std::span<const Offer* const> offers, const std::vector<SqlValue>& keys, Instant fetched_at,
           std::unordered_map<std::string, long long>& written) {
  if (offers.empty()) return;
  std::vector<SqlValue> ids, updated, hashes;
  std::string payloads;
  for (const Offer* offer : offers) {
    if (!payloads.empty()) payloads += '\x1e';
    payloads += offer->payload_json;
    ids.push_back(sql_value(offer->offer_id));
    updated.push_back(sql_value(offer->source_updated_at));
    hashes.push_back(sql_value(offer->payload_hash));
  }
  const Rows rows = sql.query(statement, sql_values(feed, run_id, fetched_at, sql_array(keys), sql_array(ids),
                                                    sql_array(updated), payloads, sql_array(hashes)));
  for (const Row row : rows) written.emplace(row.text("supplier_stone_id"), row.integer("id"));
}

}  // namespace

Progress begin_partition(kernel::Transaction& tx, kernel::Queue& queue, const kernel::Item& item,
                         const std::string& worker_id, std::unordered_set<long long>& seen) {
  queue.fence(tx, item);
  const Rows found = tx.query(kProgress, sql_values(item.id));
  Progress progress{.next_offset = found.only().integer("next_offset"),
                    .is_expired = found.only().boolean("is_expired")};
  tx.query(kBeginWorker, sql_values(item.id, worker_id));
  seen.clear();
  const Rows pages = tx.query(kSeen, sql_values(item.id));
  for (const Row page : pages) {
    ++progress.pages;
    progress.received += page.integer("received");
    for (const long long id : ids_of(page.text("ids"))) seen.insert(id);
  }
  return progress;
}

StoredPage store_offers(kernel::Transaction& tx, const std::string& feed, const std::string& run_id,
                        const std::vector<Offer>& offers, Instant fetched_at) {
  StoredPage stored;
  if (offers.empty()) return stored;
  const std::vector<const Offer*> stones = distinct(offers);
  const auto known = probe(tx, feed, stones);
  std::vector<const Offer*> fresh, different;
  std::vector<SqlValue> stone_ids, rows;
  for (const Offer* offer : stones) {
    const auto row = known.find(offer->supplier_stone_id);
    if (row == known.end()) {
      fresh.push_back(offer);
      stone_ids.push_back(sql_value(offer->supplier_stone_id));
    } else if (row->second.hash != offer->payload_hash) {
      different.push_back(offer);
      rows.push_back(sql_value(row->second.id));
    }
  }
  std::unordered_map<std::string, long long> written;
  write(tx, kUpdate, feed, run_id, different, rows, fetched_at, written);
  write(tx, kInsert, feed, run_id, fresh, stone_ids, fetched_at, written);
  // Somebody else brought the same stone meanwhile, and it is in the database as it should be.
  std::vector<const Offer*> brought;
  for (const Offer* offer : stones) {
    const auto row = known.find(offer->supplier_stone_id);
    const auto id = written.find(offer->supplier_stone_id);
    if (row != known.end()) {
      stored.ids.push_back(row->second.id);
      if (id != written.end()) ++stored.changed;
    } else if (id != written.end()) {
      stored.ids.push_back(id->second);
      ++stored.created;
    } else {
      brought.push_back(offer);
    }
  }
  if (!brought.empty()) {
    for (const auto& [stone, row] : probe(tx, feed, brought)) stored.ids.push_back(row.id);
  }
  return stored;
}

void store_progress(kernel::Transaction& tx, const kernel::Item& item, const PageRow& row, const Page& page,
                    const StoredPage& stored, long long records) {
  std::vector<SqlValue> ids;
  for (const long long id : stored.ids) ids.push_back(sql_value(id));
  const long long next =
      page.offers.empty() ? row.next_offset : row.at_offset + static_cast<long long>(page.offers.size());
  const Rows moved =
      tx.query(kStoreProgress, sql_values(item.id, item.epoch, row.next_offset, next, records, row.page,
                                          row.at_offset, page.offers.size(), stored.created, stored.changed,
                                          sql_array(ids), row.fetched_at));
  if (moved.affected != 1)
    throw Error(ErrorKind::busy, "partition " + item.key + ": another worker went on with it",
                "nothing of this attempt was written")
        .final();
}

std::optional<StoredPage> find_page(kernel::Sql& sql, const WorkItemMessage& work, int page) {
  const Rows rows = sql.query(
      "SELECT new, changed, array_to_string(ids, ' ') AS ids FROM feed.pages WHERE run_id = $1::uuid AND partition_id = $2 "
      "AND page = $3::int",
      sql_values(work.run_id, work.partition_id, page));
  if (rows.empty()) return std::nullopt;
  return StoredPage{ids_of(rows[0].text("ids")), static_cast<int>(rows[0].integer("new")),
                    static_cast<int>(rows[0].integer("changed"))};
}

void complete_worker(kernel::Transaction& tx, const WorkItemMessage& work) {
  tx.query(
      "UPDATE feed.worker_runs SET status = 'completed', error_message = NULL, finished_at = clock_timestamp() WHERE run_id = "
      "$1::uuid AND partition_id = $2",
      sql_values(work.run_id, work.partition_id));
}

void kill_partition(kernel::Transaction& tx, kernel::Queue& queue, const kernel::Item& item,
                    const Error& reason) {
  queue.fence(tx, item);
  tx.query("UPDATE feed.partition_progress SET attempts = max_attempts WHERE id = $1::bigint",
           sql_values(item.id));
  queue.fail(tx, item, reason);
  tx.query(
      "UPDATE feed.worker_runs w SET status = 'failed', error_message = p.error_message, finished_at = clock_timestamp() "
      "FROM feed.partition_progress p WHERE p.id = $1::bigint AND w.run_id = p.run_id AND w.partition_id = p.partition_id",
      sql_values(item.id));
}

void count_failed_page(kernel::Sql& sql, const kernel::Item& item) {
  sql.query(
      "UPDATE feed.partition_progress SET failed_pages = failed_pages + 1 WHERE id = $1::bigint AND epoch = $2::bigint AND "
      "status = 'running'",
      sql_values(item.id, item.epoch));
}

std::optional<long long> find_stone(kernel::Sql& sql, const std::string& feed, const std::string& stone) {
  const Rows rows =
      sql.query("SELECT id FROM feed.raw_diamonds_nivoda WHERE feed = $1 AND supplier_stone_id = $2",
                sql_values(feed, stone));
  return rows.empty() ? std::nullopt : std::optional(rows[0].integer("id"));
}

}  // namespace am::feed
