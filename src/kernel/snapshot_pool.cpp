#include <iterator>

#include "am/kernel/snapshot.hpp"
#include "work_queue.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kMostTogether = 8;  // reads in one transaction

/// What waits in the queue: work, or else statements.
struct Waiting {
  SnapshotPool::Work work;
  std::vector<Statement> statements;
  SnapshotPool::Taken taken;
};

void read_alone(SnapshotReader& reader, const Waiting& waiting) {
  try {
    waiting.taken(reader.read(waiting.statements));
  } catch (const Error& error) {
    waiting.taken(error);
  }
}

/// All in one snapshot. When it fails for a reason of one of them, each is read alone.
void read_together(SnapshotReader& reader, const std::vector<Waiting>& group) {
  if (group.size() == 1) return read_alone(reader, group.front());
  std::vector<Statement> all;
  for (const Waiting& each : group) all.insert(all.end(), each.statements.begin(), each.statements.end());
  std::vector<Rows> results;
  try {
    results = reader.read(all);
  } catch (const Error& error) {
    for (const Waiting& each : group) {
      if (error.kind() == ErrorKind::unavailable) {
        each.taken(error);
      } else {
        read_alone(reader, each);
      }
    }
    return;
  }
  auto from = results.begin();
  for (const Waiting& each : group) {
    const auto to = from + static_cast<std::ptrdiff_t>(each.statements.size());
    each.taken(std::vector<Rows>(std::make_move_iterator(from), std::make_move_iterator(to)));
    from = to;
  }
}

}  // namespace

struct SnapshotPool::Impl {
  explicit Impl(std::size_t max_waiting) : queue(max_waiting) {}
  WorkQueue<Waiting> queue;

  /// One piece of work, or a group of reads.
  void serve(SnapshotReader& reader) {
    const auto together = [](const Waiting& each) { return each.work == nullptr; };
    for (;;) {
      const std::vector<Waiting> group = queue.next(kMostTogether, together);
      if (group.empty()) return;
      if (group.front().work) {
        group.front().work(reader);
      } else {
        read_together(reader, group);
      }
    }
  }
};

SnapshotPool::SnapshotPool(const SnapshotOptions& options, int threads, std::size_t max_waiting)
    : impl_(std::make_unique<Impl>(max_waiting)) {
  std::vector<std::unique_ptr<SnapshotReader>> readers;
  for (int i = 0; i < threads; ++i) readers.push_back(open_snapshots(options));
  for (auto& reader : readers) {
    impl_->queue.start([impl = impl_.get(), owned = std::move(reader)] { impl->serve(*owned); });
  }
}

SnapshotPool::~SnapshotPool() = default;

bool SnapshotPool::submit(Work work) { return impl_->queue.add({std::move(work), {}, {}}); }

bool SnapshotPool::read(std::vector<Statement> statements, Taken taken) {
  return impl_->queue.add({{}, std::move(statements), std::move(taken)});
}


}  // namespace am::kernel
