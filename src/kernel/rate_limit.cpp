#include "am/kernel/rate_limit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "am/base/date.hpp"
#include "am/base/text.hpp"

namespace am::kernel {

using std::chrono::milliseconds;

namespace {

/// How long a reserved slot may stay unsent before others may have it.
constexpr long long kReservationMs = 60'000;
/// How much later than its timeout a request may reach the vendor whose end nobody tells: its process needs a moment to
/// send it, and what is sent a moment to arrive.
constexpr milliseconds kOverdue = std::chrono::seconds(10);
/// How long what was sent and given up may still be on its way.
constexpr milliseconds kOnItsWay = std::chrono::seconds(5);
/// Used slots are kept at least so long, so that a process with another configuration finds its windows'
/// past.
constexpr milliseconds kKeepAtLeast = std::chrono::hours(1);
/// Longest nap: a pause may be lifted and held slots given back at any time.
constexpr milliseconds kLongestNap = std::chrono::seconds(1);

milliseconds longest(const RateLimit& limit) {
  milliseconds out{0};
  for (const RateWindow& window : limit.windows) out = std::max(out, window.period);
  return out;
}

/// '{5,500}' and '{60000,86400000}': the windows as two arrays for unnest.
std::pair<SqlValue, SqlValue> as_arrays(const RateLimit& limit) {
  std::vector<SqlValue> limits;
  std::vector<SqlValue> periods;
  for (const RateWindow& window : limit.windows) {
    limits.push_back(sql_value(window.limit));
    periods.push_back(sql_value(window.period.count()));
  }
  return {sql_array(limits), sql_array(periods)};
}

/// Until the transaction ends nobody else counts this key.
void lock_key(Sql& sql, const std::string& key) {
  constexpr std::string_view kLock = "SELECT 1 FROM ops.rate_limits WHERE key = $1 FOR UPDATE";
  if (!sql.query(kLock, sql_values(key)).empty()) return;
  sql.query("INSERT INTO ops.rate_limits (key) VALUES ($1) ON CONFLICT (key) DO NOTHING", sql_values(key));
  sql.query(kLock, sql_values(key));
}

// Of a slot, `used_at` is NULL until it is used; then, while its request is under way, the moment by which that has
// surely ended, which is still to come; and at last the moment of its end. So a process that dies leaves a slot that
// ends by itself.

// One round trip under the lock: $2 requests have to fit, $8 of them are held. `leaves` is when a slot stops counting in
// a window: a period after its end (one under way may end now); a held one a period from now (it may be sent and answered
// now), or when it expires. The moment from which on n more fit is the (limit - n)th latest of those, counted from 0;
// none: they fit now. Of a window that is smaller than n only its whole is wanted.
//
// A held slot may be used at this very moment by its owner, who takes no lock. It counts all the same,
// because only what DELETE really removed does not, and DELETE looks again at a row that changed meanwhile.
constexpr std::string_view kGrant = R"sql(
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS t),
gone AS (
  DELETE FROM ops.rate_slots s USING moment m
  WHERE s.key = $1
    AND ((s.used_at IS NULL AND s.reserved_until <= m.t) OR s.used_at <= m.t - $6::bigint * interval '1 millisecond')
  RETURNING s.id),
live AS MATERIALIZED (
  SELECT s.used_at, s.reserved_until FROM ops.rate_slots s, moment m
  WHERE s.key = $1 AND (s.used_at IS NULL OR s.used_at > m.t - $5::bigint * interval '1 millisecond')
    AND s.id NOT IN (SELECT id FROM gone)),
windows AS (
  SELECT w.slots, w.ms * interval '1 millisecond' AS period FROM unnest($3::int[], $4::bigint[]) AS w(slots, ms)),
blocked AS (
  SELECT (SELECT q.leaves
          FROM (SELECT CASE WHEN l.used_at IS NULL
                       THEN greatest(least(l.reserved_until, m.t + w.period), m.t + interval '1 millisecond')
                       ELSE least(l.used_at, m.t) + w.period END AS leaves
                FROM live l) q
          WHERE q.leaves > m.t ORDER BY q.leaves DESC OFFSET w.slots - least($2::int, w.slots) LIMIT 1) AS until
  FROM windows w, moment m),
verdict AS (
  SELECT greatest((SELECT max(until) FROM blocked), p.paused_until) AS until,
         CASE WHEN p.paused_until IS NOT NULL THEN coalesce(p.pause_reason, '') END AS paused
  FROM moment m LEFT JOIN ops.rate_limits p ON p.key = $1 AND p.paused_until > m.t),
added AS (
  INSERT INTO ops.rate_slots (key, reserved_until)
  SELECT $1, m.t + $7::bigint * interval '1 millisecond' FROM verdict v, moment m, generate_series(1, $8::int)
  WHERE v.until IS NULL
  RETURNING id)
SELECT (SELECT string_agg(id::text, ',' ORDER BY id) FROM added) AS ids, v.paused,
       (extract(epoch FROM v.until) * 1000000)::bigint AS until,
       ceil(extract(epoch FROM v.until - m.t) * 1000)::bigint AS wait_ms
FROM verdict v, moment m
)sql";

struct Grant {
  std::vector<long long> slots;  ///< empty: not yet
  milliseconds wait{0};
  Instant until;
  std::optional<std::string> paused;
};

Grant ask(Db& db, const RateLimit& limit, int n, int held) {
  const auto [limits, periods] = as_arrays(limit);
  const milliseconds longest_window = longest(limit);
  const SqlValues values = sql_values(limit.key, n, limits, periods, longest_window.count(),
                                      std::max(longest_window, kKeepAtLeast).count(), kReservationMs, held);
  Grant grant;
  db.transact([&](Transaction& tx) {
    grant = {};
    lock_key(tx, limit.key);
    const Rows rows = tx.query(kGrant, values);
    const Row row = rows.only();
    if (const auto ids = row.maybe_text("ids")) {
      for (const std::string& id : split(*ids, ',')) grant.slots.push_back(std::stoll(id));
      return;
    }
    grant.wait = milliseconds(row.integer("wait_ms"));
    grant.until = row.micros("until");
    grant.paused = row.maybe_text("paused");
  });
  return grant;
}

Error not_yet(const std::string& key, const Grant& grant) {
  const std::string problem = !grant.paused           ? "the request budget is spent"
                              : grant.paused->empty() ? "requests are paused"
                                                      : "requests are paused (" + *grant.paused + ")";
  return Error(ErrorKind::deferred,
               "rate limit " + key + ": " + problem + " until " + format_rfc3339(grant.until),
               grant.paused ? "run again then" : "run again then; the budget is shared by every process")
      .retry_after(grant.until);
}

}  // namespace

std::vector<RateWindow> parse_rate_windows(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, milliseconds>, 4> kUnits = {
      {{"s", std::chrono::seconds(1)},
       {"min", std::chrono::minutes(1)},
       {"h", std::chrono::hours(1)},
       {"day", std::chrono::hours(24)}}};
  const auto wrong = [&](std::string_view part) {
    return Error(ErrorKind::config,
                 "rate limit '" + ellipsize(text, 80) + "': cannot read '" + ellipsize(part, 40) +
                     "' (expected COUNT/UNIT, …)",
                 "for example 5/min,500/day; units are s, min, h, day");
  };
  std::vector<RateWindow> windows;
  for (const std::string& part : split(text, ',')) {
    const std::string_view item = trim(part);
    const auto slash = item.find('/');
    if (slash == std::string_view::npos) throw wrong(item);
    const auto count = parse_integer(trim(item.substr(0, slash)), 1, 1'000'000);
    const std::string_view unit = trim(item.substr(slash + 1));
    const auto* const found =
        std::ranges::find(kUnits, unit, &std::pair<std::string_view, milliseconds>::first);
    if (!count || found == kUnits.end()) throw wrong(item);
    windows.push_back({.limit = static_cast<int>(*count), .period = found->second});
  }
  return windows;
}

RateLimiter::RateLimiter(Db& db, const Stop& stop, std::vector<RateLimit> limits)
    : db_(db), stop_(stop), limits_(std::move(limits)) {}

const RateLimit& RateLimiter::limit(const std::string& key) const {
  const auto found = std::ranges::find(limits_, key, &RateLimit::key);
  if (found == limits_.end()) throw Error(ErrorKind::config, "rate limit " + key + ": not configured");
  return *found;
}

std::vector<long long> RateLimiter::reserve(const std::string& key, int n, milliseconds max_wait,
                                            const std::function<void(milliseconds)>& nap) {
  const RateLimit& of_key = limit(key);
  int held = n;
  for (const RateWindow& window : of_key.windows) held = std::min(held, window.limit);
  if (held <= 0) return {};
  const auto end = std::chrono::steady_clock::now() + max_wait;
  for (;;) {
    stop_.check();
    Grant grant = ask(db_, of_key, n, held);
    if (!grant.slots.empty()) return std::move(grant.slots);
    if (std::chrono::steady_clock::now() + grant.wait > end) throw not_yet(key, grant);
    const milliseconds wait = std::clamp(grant.wait, milliseconds(1), kLongestNap);
    nap ? nap(wait) : stop_.sleep(wait);
  }
}

bool RateLimiter::use(long long slot, milliseconds longest) {
  return db_.query(
                "UPDATE ops.rate_slots s SET used_at = clock_timestamp() + $2::bigint * interval '1 millisecond' "
                "FROM ops.rate_limits l "
                "WHERE s.id = $1 AND l.key = s.key AND s.used_at IS NULL AND s.reserved_until > "
                "clock_timestamp() "
                "AND (l.paused_until IS NULL OR l.paused_until <= clock_timestamp())",
                sql_values(slot, (longest + kOverdue).count()))
             .affected == 1;
}

void RateLimiter::end(long long slot, bool answered) {
  const milliseconds later = answered ? milliseconds(0) : kOnItsWay;
  db_.query(
      "UPDATE ops.rate_slots SET used_at = clock_timestamp() + $2::bigint * interval '1 millisecond' "
      "WHERE id = $1 AND used_at IS NOT NULL",
      sql_values(slot, later.count()));
}

void RateLimiter::release(const std::vector<long long>& slots) {
  if (slots.empty()) return;
  std::vector<SqlValue> ids;
  for (const long long slot : slots) ids.push_back(sql_value(slot));
  db_.query("DELETE FROM ops.rate_slots WHERE id = ANY ($1::bigint[]) AND used_at IS NULL",
            sql_values(sql_array(ids)));
}

bool RateLimiter::pause(const std::string& key, milliseconds duration, const std::string& reason) {
  // Of two pauses the longer one holds: a vendor's "try in a second" must not lift an operator's hour.
  const Rows rows = db_.query(
      "WITH paused AS (INSERT INTO ops.rate_limits AS l (key, paused_until, pause_reason) "
      "VALUES ($1, clock_timestamp() + $2::bigint * interval '1 millisecond', $3) "
      "ON CONFLICT (key) DO UPDATE SET paused_until = excluded.paused_until, pause_reason = excluded.pause_reason "
      "WHERE l.paused_until IS NULL OR l.paused_until < excluded.paused_until RETURNING key, paused_until, pause_reason) "
      "INSERT INTO ops.events (kind, data) SELECT 'limit_paused', jsonb_build_object('key', key, 'until', "
      "to_char(paused_until AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'reason', pause_reason) FROM paused RETURNING id",
      sql_values(key, duration.count(), reason));
  return !rows.empty();
}

bool RateLimiter::resume(const std::string& key) {
  const Rows rows = db_.query(
      "WITH resumed AS (UPDATE ops.rate_limits SET paused_until = NULL, pause_reason = NULL "
      "WHERE key = $1 AND paused_until > clock_timestamp() RETURNING key) "
      "INSERT INTO ops.events (kind, data) SELECT 'limit_resumed', jsonb_build_object('key', key) FROM resumed "
      "RETURNING id",
      sql_values(key));
  return !rows.empty();
}

RateStatus RateLimiter::status(const std::string& key) {
  const RateLimit& of_key = limit(key);
  RateStatus status;
  const auto [limits, periods] = as_arrays(of_key);
  const Rows counts = db_.query(
      "SELECT (SELECT count(*) FROM ops.rate_slots s WHERE s.key = $1 AND (s.used_at > m.t - w.ms * interval "
      "'1 millisecond' "
      "OR (s.used_at IS NULL AND s.reserved_until > m.t))) AS used "
      "FROM (SELECT clock_timestamp() AS t) m, unnest($2::bigint[]) WITH ORDINALITY AS w(ms, i) ORDER BY w.i",
      sql_values(key, periods));
  for (std::size_t i = 0; i < counts.size(); ++i)
    status.used.push_back(static_cast<int>(counts[i].integer("used")));
  const Rows paused = db_.query(
      "SELECT (extract(epoch FROM paused_until) * 1000000)::bigint AS until, coalesce(pause_reason, '') AS "
      "reason "
      "FROM ops.rate_limits WHERE key = $1 AND paused_until > clock_timestamp()",
      sql_values(key));
  if (!paused.empty()) {
    status.paused_until = paused[0].micros("until");
    status.pause_reason = paused[0].text("reason");
  }
  return status;
}

}  // namespace am::kernel
