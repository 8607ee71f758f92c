#pragma once
// Threads that take work from one bounded queue. Private.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace am::kernel {

/// Threads: any. Its destructor lets what runs finish, drops what waits and joins.
template <class T>
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t max_waiting) : max_waiting_(max_waiting) {}
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  /// Also when not all of the threads could be started.
  ~WorkQueue() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    filled_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// One more thread. serve() asks for next() until that is empty.
  template <class Serve>
  void start(Serve serve) {
    threads_.emplace_back(std::move(serve));
  }

  /// False: the queue is full, or ends, and the work was not taken.
  bool add(T work) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= max_waiting_) return false;
      queue_.push_back(std::move(work));
    }
    filled_.notify_one();
    return true;
  }

  /// Waits for work. More than one (at most `most`) where those that stand in front may be done together. Empty: the end.
  template <class Together>
  std::vector<T> next(std::size_t most, Together together) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    std::vector<T> group;
    if (stopping_) return group;
    do {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    } while (together(group.back()) && !queue_.empty() && group.size() < most && together(queue_.front()));
    return group;
  }

  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }

 private:
  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace am::kernel
