// A plan, from the claim of its slot to the run and its partitions.

#include "am/feed/plan.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/feed/desk.hpp"
#include "am/kernel/ids.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// Above every price.
constexpr long long kAnyDollars = 100'000'000;
/// What a plan and its pages narrow by themselves.
constexpr std::array<std::string_view, 2> kOurFilters = {"dollar_value", "updated"};

constexpr std::string_view kInsert = R"(
INSERT INTO feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, expected_records, counted_records,
  watermark_before, watermark_after, created_at, updated_at)
VALUES ($1::uuid, $2, $3, $4::json, $5, $6::int, $7::bigint, $8::bigint, $9::timestamptz, $10::timestamptz,
  clock_timestamp(), clock_timestamp())
ON CONFLICT (feed, run_type) WHERE status IN ('running', 'settled') DO NOTHING)";

std::optional<std::string> open_run(kernel::Sql& sql, const PlanRequest& request) {
  const Rows rows = sql.query(
      "SELECT run_id::text AS id FROM feed.run_metadata WHERE feed = $1 AND run_type = $2 AND status IN ('running', 'settled')",
      sql_values(request.slot.feed, run_type_name(request.slot.type)));
  return rows.empty() ? std::nullopt : std::optional(rows[0].text("id"));
}

std::optional<Instant> watermark_of(kernel::Sql& sql, const PlanRequest& request) {
  const Rows rows = sql.query(
      "SELECT (extract(epoch FROM watermark) * 1000000)::bigint AS at FROM feed.watermarks WHERE feed = $1 AND query_hash = $2",
      sql_values(request.slot.feed, request.query.hash));
  return rows.empty() ? std::nullopt : std::optional(rows[0].micros("at"));
}

std::string partition_id(std::size_t number) {
  std::string digits = std::to_string(number);
  constexpr std::size_t kDigits = 3;
  return "p-" + std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

class Plan {
 public:
  Plan(const PlanBench& bench, const PlanRequest& request, PlanResult& result)
      : bench_(bench), request_(request), result_(result) {}

  void work(kernel::Run& claimed) {
    watermark_after_ =
        bench_.db.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at")
            .only()
            .micros("at");
    run_.id = kernel::new_id();
    run_.type = request_.slot.type;
    run_.query_json = request_.query.json;
    run_.watermark_before = result_.watermark_before;
    count();
    claimed.finish_with([&](kernel::Transaction& tx) {
      claimed.fence(tx);
      store(tx);
    });
  }

 private:
  void count() {
    std::vector<CountStones> counters;
    for (const CountFilter& counter : bench_.counters) {
      counters.emplace_back([&](const PriceRange& price) {
        bench_.stop.check();
        return counter(filter_of(run_, price));
      });
    }
    result_.counted = counters.front()({0, kAnyDollars});
    const int most = request_.slot.type == RunType::full ? kMostWorkersFull : kMostWorkersIncremental;
    result_.plan = plan_partitions(
        counters, [&](long long total) { return request_.partitions.value_or(workers_for(total, most)); });
    ++result_.plan.calls;
  }

  void store(kernel::Transaction& tx) {
    const PartitionPlan& plan = result_.plan;
    const std::size_t stored =
        tx.query(kInsert, sql_values(run_.id, request_.slot.feed, run_type_name(request_.slot.type),
                                     run_.query_json, request_.query.hash, plan.partitions.size(), plan.sum,
                                     result_.counted, result_.watermark_before, watermark_after_))
            .affected;
    if (stored == 0) {  // one of another slot was faster
      result_.run_id = open_run(tx, request_).value_or("");
      return;
    }
    result_.is_planned = true;
    result_.run_id = run_.id;
    std::vector<kernel::NewItem> items;
    for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
      const PlannedPartition& partition = plan.partitions[i];
      WorkItemMessage message{.run_id = run_.id,
                              .partition_id = partition_id(i + 1),
                              .price_min = partition.price.from,
                              .price_max = partition.price.to,
                              .expected_records = partition.expected,
                              .is_incremental = request_.slot.type == RunType::incremental};
      if (result_.watermark_before) message.watermark_before = format_rfc3339(*result_.watermark_before);
      items.push_back({message.key(), message.to_json()});
    }
    kernel::PgQueue(bench_.db, partitions_queue()).enqueue(tx, items);
    kernel::Ledger::event(tx, "feed_run_planned", {}, result_.ledger_id,
                          nlohmann::ordered_json{{"type", run_type_name(request_.slot.type)},
                                                 {"partitions", plan.partitions.size()},
                                                 {"expected", plan.sum},
                                                 {"counted", result_.counted},
                                                 {"gap", result_.gap()}}
                              .dump(),
                          "run " + run_.id);
  }

  const PlanBench& bench_;
  const PlanRequest& request_;
  PlanResult& result_;
  FeedRun run_;
  Instant watermark_after_{};
};

}  // namespace

FeedQuery feed_query(const std::string& nivoda_query) {
  // Without an order of its own: the same filter is the same watermark, however it is written.
  const auto json = nlohmann::json::parse(nivoda_query, nullptr, false);
  if (!json.is_object())
    throw Error(ErrorKind::config, "nivoda.query: " + shown(nivoda_query) + " is no JSON object",
                R"(such as {"labgrown": false}; {} is everything)");
  for (const std::string_view name : kOurFilters) {
    if (json.contains(name))
      throw Error(ErrorKind::config,
                  "nivoda.query: holds " + std::string(name) + ", which each run sets by itself",
                  "leave it out");
  }
  std::string text = json.dump();
  std::string hash = sha256_hex(text);
  return {std::move(text), std::move(hash)};
}

PlanResult plan_run(const PlanBench& bench, const PlanRequest& request) {
  PlanResult result;
  const auto is_open = [&] {
    const auto open = open_run(bench.db, request);
    if (open) result.run_id = *open;
    return open.has_value();
  };
  if (is_open()) return result;
  result.watermark_before = watermark_of(bench.db, request);
  if (request.slot.type == RunType::incremental && !result.watermark_before)
    throw Error(ErrorKind::no_input,
                "feed " + request.slot.feed +
                    ": no complete run with this nivoda.query, so nothing says what has changed",
                "am feed plan --full");
  const kernel::Claim claim = bench.ledger.claim(kPlanJob, request.slot.to_string(), "{}", true);
  result.ledger_id = claim.run_id;
  if (is_open()) {  // planned while this one waited for it
    claim.run->finish_found();
    return result;
  }
  try {
    Plan(bench, request, result).work(*claim.run);
  } catch (const Error& error) {
    claim.run->fail(error);
    throw;
  }
  return result;
}

}  // namespace am::feed
