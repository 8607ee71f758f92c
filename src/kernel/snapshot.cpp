#include "am/kernel/snapshot.hpp"

#include <iterator>
#include <set>

#include <poll.h>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "libpq.hpp"

namespace am::kernel {

namespace {

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

std::string name_of(const std::string& sql) { return "am_" + sha256_hex(sql).substr(0, 24); }

Rows to_rows(const PGresult* result) {
  Rows rows;
  const int columns = PQnfields(result);
  const int count = PQntuples(result);
  for (int c = 0; c < columns; ++c) rows.columns.emplace_back(PQfname(result, c));
  rows.values.reserve(static_cast<std::size_t>(count));
  for (int r = 0; r < count; ++r) {
    SqlValues& values = rows.values.emplace_back();
    values.reserve(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c) != 0) {
        values.emplace_back();
      } else {
        values.emplace_back(std::in_place, PQgetvalue(result, r, c),
                            static_cast<std::size_t>(PQgetlength(result, r, c)));
      }
    }
  }
  return rows;
}

void refuse_nul(const Statement& statement) {
  for (const SqlValue& value : statement.values) {
    if (value && value->find('\0') != std::string::npos)
      throw Error(ErrorKind::data, "database: a parameter holds a NUL byte, which PostgreSQL can't store");
  }
}

struct Failure {
  std::string sqlstate;
  std::string text;
  std::string sql;
};

class PipelineReader final : public SnapshotReader {
 public:
  explicit PipelineReader(const SnapshotOptions& options)
      : target_(parse_target(options.db)),
        timeout_(options.timeout),
        stop_(options.db.stop),
        probe_(options.db.probe),
        limit_("SET LOCAL statement_timeout = " + std::to_string(options.timeout.count())) {}

  std::vector<Rows> read(const std::vector<Statement>& statements) override {
    for (const Statement& each : statements) refuse_nul(each);
    const Wait wait(stop_, timeout_);
    // A lost connection, a server process behind a pooler that lacks a name, and a table that changed under a
    // prepared statement can each cost one attempt.
    for (int left = 3;; --left) {
      const bool was_connected = connection_ != nullptr;
      try {
        return attempt(statements, wait);
      } catch (const Retry& retry) {
        if (left == 0) throw Error(retry.error);
      } catch (const Error&) {
        const bool lost_while_idle =
            was_connected && !connection_ && std::chrono::steady_clock::now() < wait.end();
        if (!lost_while_idle || left == 0) throw;
      }
    }
  }

 private:
  /// What another attempt gets over.
  struct Retry {
    Error error;
  };

  std::vector<Rows> attempt(const std::vector<Statement>& statements, const Wait& wait) {
    if (probe_) probe_("SNAPSHOT");
    drop_if_closed();
    if (!connection_) {
      connection_ = connect(target_, wait);
      prepared_.clear();
      if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1)
        throw lost();
    }
    send(statements);
    flush(wait);
    return receive(statements, wait);
  }

  void send(const std::vector<Statement>& statements) {
    plan_.clear();
    send_plain(kBegin);
    send_plain(limit_);
    for (const Statement& each : statements) {
      std::vector<const char*> values;
      values.reserve(each.values.size());
      for (const SqlValue& value : each.values) values.push_back(value ? value->c_str() : nullptr);
      const int count = static_cast<int>(values.size());
      if (!named_) {
        sent(PQsendQueryParams(connection_.get(), each.sql.c_str(), count, nullptr, values.data(), nullptr,
                               nullptr, 0));
      } else {
        const std::string name = name_of(each.sql);
        if (prepared_.insert(name).second) {
          sent(PQsendPrepare(connection_.get(), name.c_str(), each.sql.c_str(), 0, nullptr));
          plan_.push_back(Step::other);
        }
        sent(PQsendQueryPrepared(connection_.get(), name.c_str(), count, values.data(), nullptr, nullptr, 0));
      }
      plan_.push_back(Step::statement);
    }
    send_plain("COMMIT");
    sent(PQpipelineSync(connection_.get()));
  }

  std::vector<Rows> receive(const std::vector<Statement>& statements, const Wait& wait) {
    std::vector<Rows> results;
    results.reserve(statements.size());
    std::optional<Failure> failure;
    for (const Step step : plan_) {
      const PgResult result = next(wait);
      const ExecStatusType status = PQresultStatus(result.get());
      if (status == PGRES_FATAL_ERROR && !failure) {
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const char* text = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        const std::string sql = step == Step::statement && results.size() < statements.size()
                                    ? statements[results.size()].sql
                                    : "";
        failure = Failure{state == nullptr ? "" : state, text == nullptr ? "" : text, sql};
      }
      if (step == Step::statement && !failure) results.push_back(to_rows(result.get()));
      finish_step();
    }
    if (PQresultStatus(next(wait).get()) != PGRES_PIPELINE_SYNC) throw lost();
    if (!failure) return results;
    recover(*failure, wait);
  }

  /// After a statement that failed: the transaction is ended, then the failure is told.
  [[noreturn]] void recover(const Failure& failure, const Wait& wait) {
    const Error error = refused({failure.sqlstate, failure.text, failure.sql, target_.user, true});
    if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) {
      sent(PQsendQueryParams(connection_.get(), "ROLLBACK", 0, nullptr, nullptr, nullptr, nullptr, 0));
      sent(PQpipelineSync(connection_.get()));
      flush(wait);
      next(wait);
      finish_step();
      next(wait);
    }
    // 26000, 42P05: a pooler between us and the sessions, which hands a session of its own to each transaction.
    if (named_ && (failure.sqlstate == "26000" || failure.sqlstate == "42P05")) {
      named_ = false;
      throw Retry{error};
    }
    // 0A000: "cached plan must not change result type". 57P01 and its like: the server is going away.
    const bool going = failure.sqlstate.starts_with("57P");
    if (going || failure.sqlstate == "0A000") connection_.reset();
    if (going || failure.sqlstate.starts_with("40") || (failure.sqlstate == "0A000" && named_))
      throw Retry{error};
    // A prepare that failed left no name behind.
    prepared_.clear();
    if (named_) connection_.reset();
    throw Error(error);
  }

  PgResult next(const Wait& wait) {
    while (PQisBusy(connection_.get()) != 0) {
      if (!wait.for_events(PQsocket(connection_.get()), POLLIN)) give_up(wait);
      if (PQconsumeInput(connection_.get()) == 0) throw lost();
    }
    PgResult result(PQgetResult(connection_.get()));
    if (!result) throw lost();
    if (PQstatus(connection_.get()) == CONNECTION_BAD) throw lost();
    return result;
  }

  /// Each step has one result, and then an end.
  void finish_step() {
    if (const PgResult more{PQgetResult(connection_.get())}; more) throw lost();
  }

  void flush(const Wait& wait) {
    for (int rest = PQflush(connection_.get()); rest != 0; rest = PQflush(connection_.get())) {
      if (rest < 0) throw lost();
      if (!wait.for_events(PQsocket(connection_.get()), POLLIN | POLLOUT)) give_up(wait);
      if (PQconsumeInput(connection_.get()) == 0) throw lost();
    }
  }

  void send_plain(const std::string& sql) {
    sent(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
    plan_.push_back(Step::other);
  }

  void sent(int ok) {
    if (ok != 1) throw lost();
  }

  /// An idle connection has nothing to say: when it is readable, the server closed it (or changed a setting).
  void drop_if_closed() {
    if (!connection_) return;
    pollfd fd{PQsocket(connection_.get()), POLLIN, 0};
    if (poll(&fd, 1, 0) != 0 &&
        (PQconsumeInput(connection_.get()) == 0 || PQstatus(connection_.get()) == CONNECTION_BAD)) {
      connection_.reset();
    }
  }

  Error lost() { return lost_with(connection_lost(connection_ ? PQerrorMessage(connection_.get()) : "")); }

  Error lost_with(Error error) {
    connection_.reset();
    return error;
  }

  /// Never tried again: the time is over.
  [[noreturn]] void give_up(const Wait& wait) {
    wait.give_up(lost_with({ErrorKind::unavailable,
                            "database at " + target_.where + ": no answer within " + seconds_text(timeout_),
                            "look at the server's load and at pg_stat_activity, then try again"}));
  }

  enum class Step { other, statement };

  DbTarget target_;
  std::chrono::milliseconds timeout_;
  const Stop* stop_;
  std::function<void(std::string_view)> probe_;
  std::string limit_;
  PgConnection connection_;
  bool named_ = true;
  std::set<std::string> prepared_;
  std::vector<Step> plan_;
};

}  // namespace

std::unique_ptr<SnapshotReader> open_snapshots(const SnapshotOptions& options) {
  return std::make_unique<PipelineReader>(options);
}

}  // namespace am::kernel
