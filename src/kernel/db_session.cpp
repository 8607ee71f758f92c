// Db over one connection at a time: transactions, what is repeated, and how long anything may take.

#include <random>

#include "am/base/text.hpp"
#include "am/kernel/db.hpp"
#include "db_copy.hpp"
#include "db_link.hpp"
#include "watchdog.hpp"

namespace am::kernel {

namespace {

using std::chrono::milliseconds;

constexpr int kTransactAttempts = 3;
constexpr milliseconds kNoLimit{0};
/// In a transaction the server has the same limit, and its error says more: it is given the time to tell it.
constexpr milliseconds kServerFirst{250};
constexpr std::string_view kCancelled = "57014";

void refuse_nul(std::string_view sql, const SqlValues& values) {
  if (sql.find('\0') != std::string_view::npos)
    throw Error(ErrorKind::bug, "database: the statement holds a NUL byte");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] && values[i]->find('\0') != std::string::npos) {
      throw Error(ErrorKind::data, "database: parameter " + std::to_string(i + 1) +
                                       " holds a NUL byte, which PostgreSQL can't store");
    }
  }
}

std::string description_of(const PGconn* connection) {
  const auto text = [](const char* value) {
    return value == nullptr ? std::string("?") : std::string(value);
  };
  const int version = PQserverVersion(connection);
  return "PostgreSQL " + std::to_string(version / 10000) + "." + std::to_string(version % 10000) + " on " +
         text(PQhost(connection)) + ", database " + text(PQdb(connection)) + ", user " +
         text(PQuser(connection));
}

std::string set_local(std::string_view setting, milliseconds limit) {
  return "SET LOCAL " + std::string(setting) + " = " + std::to_string(limit.count());
}

class SessionTransaction;

class Session final : public Db {
 public:
  explicit Session(const DbOptions& options)
      : options_(options), target_(parse_target(options)), watchdog_(options.stop) {
    options_.url.clear();
    connect();
  }

  Rows query(std::string_view sql, const SqlValues& values) override {
    if (in_transaction_) throw Error(ErrorKind::bug, "database: statement outside the open transaction");
    probe(sql);
    refuse_nul(sql, values);
    ensure_connected();
    return execute(sql, values);
  }

  std::unique_ptr<Transaction> begin(bool read_only) override;

  void transact(const std::function<void(Transaction&)>& work) override {
    for (int attempt = 1;; ++attempt) {
      repeatable_ = false;
      try {
        const auto transaction = begin(false);
        work(*transaction);
        transaction->commit();
        return;
      } catch (const Error&) {
        if (!repeatable_ || attempt == kTransactAttempts) throw;
      }
      // Two that collided shouldn't collide again.
      std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<>(1, 20 * attempt)(random_)));
    }
  }

  std::string describe() const override { return description_; }

 private:
  friend class SessionTransaction;

  void probe(std::string_view what) const {
    if (options_.probe) options_.probe(what);
  }

  void connect() {
    drop();
    PgConnection made = kernel::connect(target_, Wait(options_.stop, longest_connect(target_)));
    if (target_.user.empty() && PQuser(made.get()) != nullptr) target_.user = PQuser(made.get());
    description_ = description_of(made.get());
    lifeline_ = std::make_unique<Lifeline>(made.get());
    link_ = make_link(std::move(made));
    stepped_in_ = false;
  }

  void drop() {
    link_.reset();
    lifeline_.reset();
  }

  void ensure_connected() {
    if (link_ && !link_->is_alive()) drop();
    if (!link_) connect();
  }

  Rows execute(std::string_view sql, const SqlValues& values) {
    return watched(sql, options_.statement_timeout,
                   [&](Link& link) { return link.run(std::string(sql), values); });
  }
  Rows execute_copy(const std::string& sql, std::string_view data) {
    return watched(sql, options_.statement_timeout, [&](Link& link) { return link.run_copy(sql, data); });
  }
  Rows execute_plain(const std::string& sql, milliseconds limit) {
    return watched(sql, limit, [&](Link& link) { return link.run_plain(sql); });
  }
  Rows execute_plain(const std::string& sql) { return execute_plain(sql, options_.statement_timeout); }

  /// Runs one statement, ends it when it takes too long, and translates what goes wrong. Drops a connection that broke.
  template <class Run>
  Rows watched(std::string_view sql, milliseconds limit, Run statement) {
    if (link_ && !link_->is_open()) drop();
    if (!link_) {
      repeatable_ = true;
      throw connection_lost("");
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (Wait(options_.stop).end() <= now) options_.stop->check();
    watchdog_.arm(*lifeline_, limit == kNoLimit ? SteadyTime::max() : now + limit + kServerFirst);
    Result<Rows, StatementFailure> result = statement(*link_);
    stepped_in_ = watchdog_.disarm() || stepped_in_;
    if (result) {
      if (!in_transaction_) drop_if_cancelled();
      return std::move(result).value();
    }
    const StatementFailure failure = result.error();
    const bool lost = !link_->is_open();
    if (lost) drop();
    if (stepped_in_ && (lost || failure.sqlstate == kCancelled)) {
      if (!in_transaction_) drop();
      give_up(limit);
    }
    if (lost) {
      repeatable_ = true;
      throw connection_lost(failure.text);
    }
    if (failure.sqlstate == "40001" || failure.sqlstate == "40P01") repeatable_ = true;
    throw refused({failure.sqlstate, failure.text, sql, target_.user, read_only_});
  }

  /// The cancel may have come too late for its own statement, and then meets the next one.
  void drop_if_cancelled() {
    if (stepped_in_) drop();
  }

  [[noreturn]] void give_up(milliseconds limit) const {
    Wait(options_.stop)
        .give_up(
            {ErrorKind::unavailable,
             "database at " + target_.where + ": no answer within " + seconds_text(limit),
             "see in pg_stat_activity what it does or which lock it waits for (pg_blocking_pids), then run "
             "again; the limit is database.statement_timeout_ms"});
  }

  DbOptions options_;
  DbTarget target_;
  std::string description_;
  std::unique_ptr<Lifeline> lifeline_;
  std::unique_ptr<Link> link_;
  Watchdog watchdog_;
  bool stepped_in_ = false;  ///< the watchdog, since this connection was made
  bool in_transaction_ = false;
  bool read_only_ = false;
  /// The last failure of this transaction happened before COMMIT, for a reason that may be gone next time.
  bool repeatable_ = false;
  std::minstd_rand random_{std::random_device{}()};
};

class SessionTransaction final : public Transaction {
 public:
  explicit SessionTransaction(Session& db) : db_(db) {}
  SessionTransaction(const SessionTransaction&) = delete;
  SessionTransaction& operator=(const SessionTransaction&) = delete;

  ~SessionTransaction() override {
    if (state_ != State::committed) {
      try {
        if (db_.link_) db_.execute_plain("ROLLBACK");
      } catch (const std::exception&) {
        db_.drop();  // the server rolls back what a dead session left
      }
    }
    db_.in_transaction_ = false;
    db_.read_only_ = false;
    db_.drop_if_cancelled();
  }

  Rows query(std::string_view sql, const SqlValues& values) override {
    check_open();
    db_.probe(sql);
    refuse_nul(sql, values);
    return guarded([&] { return db_.execute(sql, values); });
  }

  void script(std::string_view sql) override {
    check_open();
    db_.probe(sql);
    refuse_nul(sql, {});
    const milliseconds limit = db_.options_.statement_timeout;
    guarded([&] {
      if (limit != kNoLimit) db_.execute_plain(set_local("statement_timeout", kNoLimit));
      Rows rows = db_.execute_plain(std::string(sql), kNoLimit);
      if (limit != kNoLimit) db_.execute_plain(set_local("statement_timeout", limit));
      return rows;
    });
  }

  void copy_in(std::string_view table, std::span<const std::string_view> columns,
               std::span<const SqlValues> rows) override {
    check_open();
    const std::string sql = copy_sql(table, columns);
    const std::string data = copy_data(columns, rows);
    db_.probe(sql);
    refuse_nul(sql, {});
    guarded([&] { return db_.execute_copy(sql, data); });
  }

  void commit() override {
    check_open();
    // COMMIT of a failed transaction is answered by a successful ROLLBACK.
    if (state_ == State::failed) throw Error(ErrorKind::bug, "database: commit after a failed statement");
    db_.probe("COMMIT");
    const bool was_connected = db_.link_ && db_.link_->is_open();
    try {
      guarded([&] { return db_.execute_plain("COMMIT"); });
    } catch (const Error& error) {
      if (!was_connected || db_.link_) throw;
      db_.repeatable_ = false;
      const bool asked_to_end =
          error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated;
      throw Error(asked_to_end ? error.kind() : ErrorKind::unavailable,
                  "database: connection lost during commit, the outcome is unknown",
                  "run the same command again: it looks up what was stored")
          .final();
    }
    state_ = State::committed;
    db_.probe("COMMITTED");
  }

 private:
  enum class State { open, failed, committed };

  void check_open() const {
    if (state_ == State::committed) throw Error(ErrorKind::bug, "database: the transaction is over");
  }

  template <class Run>
  Rows guarded(Run statement) {
    try {
      return statement();
    } catch (const Error&) {
      state_ = State::failed;
      throw;
    }
  }

  Session& db_;
  State state_ = State::open;
};

std::unique_ptr<Transaction> Session::begin(bool read_only) {
  if (in_transaction_) throw Error(ErrorKind::bug, "database: a transaction is open already");
  probe("BEGIN");
  // Said, because a role's default may differ: the ledger locks a row and then looks, which needs read
  // committed; reports want one snapshot. The limits go with it, and end with the transaction.
  std::string sql =
      read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED";
  if (options_.statement_timeout != kNoLimit)
    sql += "; " + set_local("statement_timeout", options_.statement_timeout);
  if (options_.lock_timeout != kNoLimit) sql += "; " + set_local("lock_timeout", options_.lock_timeout);
  ensure_connected();
  repeatable_ = false;
  try {
    execute_plain(sql);
  } catch (const Error&) {
    if (link_ || !repeatable_) throw;
    repeatable_ = false;
    connect();  // nothing can have happened yet
    execute_plain(sql);
  }
  in_transaction_ = true;
  read_only_ = read_only;
  return std::make_unique<SessionTransaction>(*this);
}

}  // namespace

std::unique_ptr<Db> open_db(const DbOptions& options) { return std::make_unique<Session>(options); }

}  // namespace am::kernel
