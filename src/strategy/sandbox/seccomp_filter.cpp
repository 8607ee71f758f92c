#include "strategy/sandbox/seccomp_filter.hpp"

#include <cerrno>
#include <cstdint>
#include <memory>

#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

/// What CPython 3.11 and 3.13 and numpy make, and no more: no socket, no process, no thread, no signal to anybody.
constexpr const char* kAllowedCalls[] = {
    // What is open, and what may be opened: the file system is read-only, or Landlock's.
    "read", "write", "close", "lseek", "pread64", "dup", "poll", "open", "openat", "fstat", "lstat", "stat",
    "newfstatat", "statx", "access", "faccessat", "faccessat2", "getdents64", "readlink", "readlinkat",
    "getcwd", "epoll_create1",
    // Memory.
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk",
    // Itself.
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "futex", "exit", "exit_group", "execve",
    "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "getpid", "gettid", "getuid", "geteuid",
    "getgid", "getegid", "restart_syscall", "sched_yield", "sched_getaffinity", "getrusage", "times",
    // Time, chance, what machine it is.
    "getrandom", "sysinfo", "uname", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
    "gettimeofday", "time"};

/// The commands of fcntl that say something about a descriptor of one's own: F_SETOWN with O_ASYNC would have the
/// kernel send a signal to whomever it names.
constexpr int kDescriptorCommands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL};

class FilterBuilder {
 public:
  FilterBuilder() : context_(make(), seccomp_release) {
    if (context_ == nullptr) throw Error(ErrorKind::bug, "seccomp: no filter can be made");
    // Calls of another architecture, and x32's, mean something else by the same number.
    require(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    require(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  }

  /// A name that this architecture does not have is left out.
  template <class... Conditions>
  void rule(std::uint32_t action, const char* name, Conditions... conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) return;
    if constexpr (sizeof...(Conditions) == 0) {
      require(seccomp_rule_add_array(context_.get(), action, number, 0, nullptr));
    } else {
      const scmp_arg_cmp array[] = {conditions...};
      require(seccomp_rule_add_array(context_.get(), action, number, sizeof...(Conditions), array));
    }
  }

  std::vector<sock_filter> program() const {
    const int file = memfd_create("seccomp", MFD_CLOEXEC);
    if (file < 0) throw Error(ErrorKind::unavailable, "seccomp: no memory for the filter");
    const int exported = seccomp_export_bpf(context_.get(), file);
    const off_t size = lseek(file, 0, SEEK_END);
    std::vector<sock_filter> filter(size > 0 ? static_cast<std::size_t>(size) / sizeof(sock_filter) : 0);
    const ssize_t got = pread(file, filter.data(), filter.size() * sizeof(sock_filter), 0);
    close(file);
    require(exported);
    if (got <= 0 || got != size) throw Error(ErrorKind::bug, "seccomp: the filter can't be read");
    return filter;
  }

 private:
  /// Told what the kernel can (4.14 on), libseccomp does not try: a unit's own filter kills who calls seccomp().
  static scmp_filter_ctx make() {
    require(seccomp_api_set(3));
    return seccomp_init(SCMP_ACT_ERRNO(EPERM));
  }
  static void require(int result) {
    if (result != 0) throw Error(ErrorKind::bug, "seccomp: the filter is refused");
  }
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

scmp_arg_cmp argument(unsigned index, scmp_compare compare, scmp_datum_t value) {
  return scmp_arg_cmp{index, compare, value, 0};
}

std::vector<sock_filter> build_worker_filter() {
  FilterBuilder filter;
  for (const char* name : kAllowedCalls) filter.rule(SCMP_ACT_ALLOW, name);
  for (const int command : kDescriptorCommands)
    filter.rule(SCMP_ACT_ALLOW, "fcntl", argument(1, SCMP_CMP_EQ, static_cast<scmp_datum_t>(command)));
  // Python closes by it what it opens; it takes any other answer than ENOTTY for trouble.
  filter.rule(SCMP_ACT_ALLOW, "ioctl", argument(1, SCMP_CMP_EQ, FIOCLEX));
  filter.rule(SCMP_ACT_ERRNO(ENOTTY), "ioctl", argument(1, SCMP_CMP_NE, FIOCLEX));
  filter.rule(SCMP_ACT_ALLOW, "prlimit64", argument(2, SCMP_CMP_EQ, 0));  // reads; sets nothing
  // glibc asks by it first and goes on with clone, which is refused.
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  return filter.program();
}

}  // namespace

const std::vector<sock_filter>& worker_filter() {
  static const std::vector<sock_filter> kFilter = build_worker_filter();
  return kFilter;
}

}  // namespace am::strategy
