#pragma once
// A RabbitMQ of the tests' own: a private node on free ports of the loopback, with its data, its cookie and its epmd apart
// from any other on this machine. It runs as whoever runs the tests, root too, and ends with them.

#include <string>

#include <sys/types.h>

namespace am::test {

class RabbitMq {
 public:
  /// Of this program: started by the first who asks (it takes some seconds), ended with the program.
  static RabbitMq& shared();

  /// Errors:  std::runtime_error: no RabbitMQ installed, or it does not come up.
  RabbitMq();
  ~RabbitMq();
  RabbitMq(const RabbitMq&) = delete;
  RabbitMq& operator=(const RabbitMq&) = delete;

  /// A name that no other test has.
  static std::string new_queue();
  /// With a queue, "amqp://guest:guest@127.0.0.1:PORT/QUEUE".
  std::string url(const std::string& queue) const;
  /// Over TLS; its certificate is for localhost, and its own authority.
  std::string tls_url(const std::string& host, const std::string& queue) const;
  std::string authority() const;  ///< the file

  /// As by SIGKILL, and later on the same port, with what it kept.
  void kill();
  void start();
  /// It keeps its connections, and says nothing.
  void pause();
  void resume();
  /// With the messages in it.
  void delete_queue(const std::string& queue);

 private:
  /// Runs Erlang on the node; waits for its answer.
  std::string evaluate(const std::string& expression);

  std::string directory_;
  const pid_t owner_;
  const int port_, tls_port_, epmd_port_, node_port_;
  pid_t epmd_ = -1, node_ = -1;
  int input_ = -1;  ///< of the node's shell
  int asked_ = 0;
};

}  // namespace am::test
