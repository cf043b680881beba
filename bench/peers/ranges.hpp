// What the limit programs share: a file cut into one range a thread at line ends, read in chunks that end at a line.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

constexpr size_t CHUNK = 1 << 20;
constexpr size_t PAD = 64;

inline size_t line_start(int fd, size_t at, size_t size) {
  if (at == 0) return 0;
  char c;
  for (at--; at < size && pread(fd, &c, 1, at) == 1; at++)
    if (c == '\n') return at + 1;
  return size;
}

// Calls work(thread, bytes, length) for chunks of whole lines; PAD bytes after them may be read.
template <typename Work>
void for_chunks(const char* path, int threads, Work work) {
  int fd = open(path, O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) { perror(path); exit(1); }
  size_t size = info.st_size;
  std::vector<std::thread> all;
  for (int t = 0; t < threads; t++)
    all.emplace_back([=] {
      size_t from = line_start(fd, size * t / threads, size), to = line_start(fd, size * (t + 1) / threads, size);
      std::vector<char> buffer(2 * CHUNK + PAD);
      size_t kept = 0;
      while (from < to) {
        ssize_t got = pread(fd, buffer.data() + kept, std::min(CHUNK, to - from), from);
        if (got <= 0) { perror(path); exit(1); }
        from += got;
        size_t length = kept + got, end = length;
        if (from < to) while (end > 0 && buffer[end - 1] != '\n') end--;
        work(t, buffer.data(), end);
        kept = length - end;
        memmove(buffer.data(), buffer.data() + end, kept);
      }
    });
  for (auto& thread : all) thread.join();
  close(fd);
}
