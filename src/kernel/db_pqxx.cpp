// The only file that names libpqxx; builds with 6.4 and 7.10. Of the driver's transactions only
// `nontransaction` is used: BEGIN, COMMIT and ROLLBACK are sent from here, so that the round trips are the
// same with both versions and a lost COMMIT is told apart from a lost statement.

#include <poll.h>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/version>
#if PQXX_VERSION_MAJOR < 7
#include <pqxx/errorhandler>
#include <pqxx/prepared_statement>
#else
#include <pqxx/params>
#endif

#include <chrono>
#include <random>
#include <thread>

#include "am/kernel/db.hpp"
#include "db_errors.hpp"

namespace am::kernel {

namespace {

constexpr int kTransactAttempts = 3;

/// A connection that prints no server notices to stderr.
struct Link {
  explicit Link(const std::string& conninfo) : connection(conninfo) {
#if PQXX_VERSION_MAJOR >= 7
    connection.set_notice_handler([](pqxx::zview) noexcept {});
#endif
  }
  pqxx::connection connection;
#if PQXX_VERSION_MAJOR < 7
  pqxx::quiet_errorhandler quiet{connection};
#endif
};

pqxx::result run(pqxx::connection& connection, const std::string& sql, const SqlValues& values) {
  pqxx::nontransaction session(connection);
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> parameters;
  parameters.reserve(values.size());
  for (const SqlValue& value : values) parameters.push_back(value ? value->c_str() : nullptr);
  return session.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
#else
  pqxx::params parameters;
  parameters.reserve(values.size());
  for (const SqlValue& value : values) {
    if (value) {
      parameters.append(*value);
    } else {
      parameters.append();
    }
  }
  return session.exec(sql, parameters);
#endif
}

pqxx::result run_plain(pqxx::connection& connection, const std::string& sql) {
  pqxx::nontransaction session(connection);
  return session.exec(sql);
}

Rows to_rows(const pqxx::result& result) {
  Rows rows;
  rows.affected = static_cast<std::size_t>(result.affected_rows());
  const auto columns = result.columns();
  for (pqxx::row::size_type c = 0; c < columns; ++c) rows.columns.emplace_back(result.column_name(c));
  rows.values.reserve(static_cast<std::size_t>(result.size()));
  for (pqxx::result::size_type r = 0; r < result.size(); ++r) {
    const pqxx::row row = result[r];
    SqlValues& values = rows.values.emplace_back();
    values.reserve(rows.columns.size());
    for (pqxx::row::size_type c = 0; c < columns; ++c) {
      const pqxx::field field = row[c];
      if (field.is_null()) {
        values.emplace_back();
      } else {
        values.emplace_back(std::in_place, field.c_str(), static_cast<std::size_t>(field.size()));
      }
    }
  }
  return rows;
}

struct Failure {
  std::string sqlstate;
  std::string text;
};

/// 6.4 forgets the code of some errors (42501 for one), but not their type.
std::string class_of(const pqxx::sql_error& e) {
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&e) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::undefined_table*>(&e) != nullptr) return "42P01";
  if (dynamic_cast<const pqxx::undefined_column*>(&e) != nullptr) return "42703";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&e) != nullptr) return "23000";
  if (dynamic_cast<const pqxx::data_exception*>(&e) != nullptr) return "22000";
  if (dynamic_cast<const pqxx::disk_full*>(&e) != nullptr) return "53100";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&e) != nullptr) return "53000";
  return "";
}

/// What the driver's exception in flight says. To be called in a handler.
Failure current_failure() {
  try {
    throw;
  } catch (const pqxx::serialization_failure& e) {  // with 6.4 this and the next two are no sql_error
    return {"40001", e.what()};
  } catch (const pqxx::deadlock_detected& e) {
    return {"40P01", e.what()};
  } catch (const pqxx::transaction_rollback& e) {
    return {"40000", e.what()};
  } catch (const pqxx::sql_error& e) {
    return {e.sqlstate().empty() ? class_of(e) : e.sqlstate(), e.what()};
  } catch (const std::exception& e) {
    return {"", e.what()};
  }
}

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

class PqxxTransaction;

class PqxxDb final : public Db {
 public:
  explicit PqxxDb(const DbOptions& options) : options_(options), target_(parse_target(options)) {
    options_.url.clear();
    connect();
  }

  Rows query(std::string_view sql, const SqlValues& values) override {
    if (in_transaction_) throw Error(ErrorKind::bug, "database: statement outside the open transaction");
    probe(sql);
    refuse_nul(sql, values);
    ensure_connected();
    return execute(sql, [&] { return run(link_->connection, std::string(sql), values); });
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
      std::this_thread::sleep_for(
          std::chrono::milliseconds(std::uniform_int_distribution<>(1, 20 * attempt)(random_)));
    }
  }

  std::string describe() const override { return description_; }

 private:
  friend class PqxxTransaction;

  void probe(std::string_view what) const {
    if (options_.probe) options_.probe(what);
  }

  void connect() {
    try {
      link_ = std::make_unique<Link>(target_.conninfo);
    } catch (const std::exception&) {  // its text can hold the password
      link_.reset();
      throw connect_error(target_, options_.connect_timeout_s);
    }
    const auto text = [](const char* value) {
      return value == nullptr ? std::string("?") : std::string(value);
    };
    pqxx::connection& c = link_->connection;
    const int version = c.server_version();
    const std::string user = text(c.username());
    if (target_.user.empty()) target_.user = user;
    description_ = "PostgreSQL " + std::to_string(version / 10000) + "." + std::to_string(version % 10000) +
                   " on " + text(c.hostname()) + ", database " + text(c.dbname()) + ", user " + user;
  }

  /// An idle connection has nothing to say: when it is readable, the server closed it, or changed a
  /// setting, which is read here.
  void drop_if_closed() {
    if (!link_) return;
    try {
      for (int i = 0; i < 2; ++i) {
        pollfd fd{link_->connection.sock(), POLLIN, 0};
        if (link_->connection.is_open() && poll(&fd, 1, 0) == 0) return;
        link_->connection.get_notifs();
      }
      link_.reset();
    } catch (const std::exception&) {
      link_.reset();
    }
  }

  void ensure_connected() {
    drop_if_closed();
    if (!link_) connect();
  }

  /// Runs one statement and translates what goes wrong. Drops a connection that broke.
  template <class Run>
  Rows execute(std::string_view sql, Run statement) {
    // 6.4 would reconnect by itself, in the middle of a transaction.
    if (link_ && !link_->connection.is_open()) link_.reset();
    if (!link_) {
      repeatable_ = true;
      throw connection_lost("");
    }
    try {
      return to_rows(statement());
    } catch (const std::exception&) {
      const Failure failure = current_failure();
      if (!link_->connection.is_open()) {
        link_.reset();
        repeatable_ = true;
        throw connection_lost(failure.text);
      }
      if (failure.sqlstate == "40001" || failure.sqlstate == "40P01") repeatable_ = true;
      throw refused({failure.sqlstate, failure.text, sql, target_.user, read_only_});
    }
  }

  Rows execute_plain(const std::string& sql) {
    return execute(sql, [&] { return run_plain(link_->connection, sql); });
  }

  DbOptions options_;
  DbTarget target_;
  std::string description_;
  std::unique_ptr<Link> link_;
  bool in_transaction_ = false;
  bool read_only_ = false;
  /// The last failure of this transaction happened before COMMIT, for a reason that may be gone next time.
  bool repeatable_ = false;
  std::minstd_rand random_{std::random_device{}()};
};

class PqxxTransaction final : public Transaction {
 public:
  explicit PqxxTransaction(PqxxDb& db) : db_(db) {}
  PqxxTransaction(const PqxxTransaction&) = delete;
  PqxxTransaction& operator=(const PqxxTransaction&) = delete;

  ~PqxxTransaction() override {
    if (state_ != State::committed) {
      try {
        if (db_.link_) db_.execute_plain("ROLLBACK");
      } catch (const std::exception&) {
        db_.link_.reset();  // the server rolls back what a dead session left
      }
    }
    db_.in_transaction_ = false;
    db_.read_only_ = false;
  }

  Rows query(std::string_view sql, const SqlValues& values) override {
    check_open();
    db_.probe(sql);
    refuse_nul(sql, values);
    return guarded([&] {
      return db_.execute(sql, [&] { return run(db_.link_->connection, std::string(sql), values); });
    });
  }

  void script(std::string_view sql) override {
    check_open();
    db_.probe(sql);
    refuse_nul(sql, {});
    guarded([&] { return db_.execute_plain(std::string(sql)); });
  }

  void commit() override {
    check_open();
    // COMMIT of a failed transaction is answered by a successful ROLLBACK.
    if (state_ == State::failed) throw Error(ErrorKind::bug, "database: commit after a failed statement");
    db_.probe("COMMIT");
    const bool was_connected = db_.link_ && db_.link_->connection.is_open();
    try {
      guarded([&] { return db_.execute_plain("COMMIT"); });
    } catch (const Error&) {
      if (!was_connected || db_.link_) throw;
      db_.repeatable_ = false;
      throw Error(ErrorKind::unavailable, "database: connection lost during commit, the outcome is unknown",
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

  PqxxDb& db_;
  State state_ = State::open;
};

std::unique_ptr<Transaction> PqxxDb::begin(bool read_only) {
  if (in_transaction_) throw Error(ErrorKind::bug, "database: a transaction is open already");
  probe("BEGIN");
  // Said, because a role's default may differ: the ledger locks a row and then looks, which needs read
  // committed; reports want one snapshot.
  const std::string sql =
      read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED";
  ensure_connected();
  try {
    execute_plain(sql);
  } catch (const Error&) {
    if (link_) throw;
    repeatable_ = false;
    connect();  // nothing can have happened yet
    execute_plain(sql);
  }
  in_transaction_ = true;
  read_only_ = read_only;
  return std::make_unique<PqxxTransaction>(*this);
}

}  // namespace

std::unique_ptr<Db> open_db(const DbOptions& options) { return std::make_unique<PqxxDb>(options); }

}  // namespace am::kernel
