// Runs a fuzz harness over the files of the corpus directories given as arguments, without libFuzzer: so
// every input that was ever interesting stays an ordinary test. Fails when a directory holds no file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " CORPUS_DIR...\n";
    return 64;
  }
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    int replayed = 0;
    for (std::filesystem::directory_iterator at(argv[i], error), end; !error && at != end;
         at.increment(error)) {
      if (!at->is_regular_file()) continue;
      std::cout << at->path().string() << std::endl;  // flushed: the last line names the input that crashed
      std::ifstream file(at->path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++replayed;
    }
    if (error || replayed == 0) {
      std::cerr << argv[i] << ": no corpus file was read\n";
      return 1;
    }
  }
  return 0;
}
