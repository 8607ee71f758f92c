#include "am/kernel/db_pool.hpp"

#include "db_url.hpp"
#include "work_queue.hpp"

namespace am::kernel {

namespace {

/// Connects when it is first asked for something, and again as long as that has failed.
class LateDb final : public Db {
 public:
  explicit LateDb(DbOptions options) : options_(std::move(options)) {}
  Rows query(std::string_view sql, const SqlValues& values) override { return db().query(sql, values); }
  std::unique_ptr<Transaction> begin(bool read_only) override { return db().begin(read_only); }
  void transact(const std::function<void(Transaction&)>& work) override { db().transact(work); }
  std::string describe() const override { return db().describe(); }

 private:
  Db& db() const {
    if (!db_) db_ = open_db(options_);
    return *db_;
  }

  const DbOptions options_;
  mutable std::unique_ptr<Db> db_;
};

}  // namespace

struct DbPool::Impl {
  explicit Impl(std::size_t max_waiting) : queue(max_waiting) {}
  WorkQueue<Work> queue;

  void serve(Db& db) {
    const auto alone = [](const Work&) { return false; };
    for (std::vector<Work> next = queue.next(1, alone); !next.empty(); next = queue.next(1, alone))
      next.front()(db);
  }
};

DbPool::DbPool(const DbOptions& options, int threads, std::size_t max_waiting)
    : impl_(std::make_unique<Impl>(max_waiting)) {
  (void)parse_target(options);  // its errors now, not at the first work
  for (int i = 0; i < threads; ++i) {
    impl_->queue.start([impl = impl_.get(), db = std::make_unique<LateDb>(options)] { impl->serve(*db); });
  }
}

DbPool::~DbPool() = default;

bool DbPool::submit(Work work) { return impl_->queue.add(std::move(work)); }

std::size_t DbPool::waiting() const { return impl_->queue.waiting(); }

}  // namespace am::kernel
