// Sorts 100-byte records by their first ten bytes with std::sort, all in memory: each thread sorts ranges of keys
// of its own. Input, output, threads.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

constexpr size_t RECORD = 100, BUCKETS = 65536;
struct Key { uint64_t head; uint32_t tail, index; };

int main(int, char** args) {
  int threads = atoi(args[3]), fd = open(args[1], O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) { perror(args[1]); return 1; }
  size_t size = info.st_size, records = size / RECORD;
  char *in = (char*)malloc(size), *sorted = (char*)malloc(size);
  auto parallel = [&](auto work) {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; t++) all.emplace_back(work, t);
    for (auto& thread : all) thread.join();
  };
  std::vector<std::vector<Key>> keys(threads);
  std::vector<std::vector<uint32_t>> counts(threads, std::vector<uint32_t>(BUCKETS + 1));
  auto first = [&](int t) { return records * t / threads; };
  parallel([&](int t) {
    size_t from = first(t), to = first(t + 1);
    for (size_t at = from * RECORD; at < to * RECORD;) {
      ssize_t got = pread(fd, in + at, std::min<size_t>(8 << 20, to * RECORD - at), at);
      if (got <= 0) { perror(args[1]); exit(1); }
      at += got;
    }
    keys[t].reserve(to - from);
    for (size_t i = from; i < to; i++) {
      uint64_t head;
      uint16_t tail;
      memcpy(&head, in + i * RECORD, 8);
      memcpy(&tail, in + i * RECORD + 8, 2);
      head = __builtin_bswap64(head);
      keys[t].push_back({head, __builtin_bswap16(tail), (uint32_t)i});
      counts[t][head >> 48]++;
    }
  });
  // Ranges of keys with about the same number of records, one for each thread.
  std::vector<size_t> bounds(threads + 1), starts(threads + 1);
  size_t seen = 0;
  for (size_t bucket = 0, t = 1; bucket < BUCKETS; bucket++) {
    if (t < (size_t)threads && seen >= records * t / threads) { bounds[t] = bucket; starts[t++] = seen; }
    for (auto& own : counts) seen += own[bucket];
  }
  bounds[threads] = BUCKETS;
  starts[threads] = records;
  int out = open(args[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  parallel([&](int t) {
    std::vector<Key> own;
    own.reserve(starts[t + 1] - starts[t]);
    for (auto& all : keys) for (Key& key : all) if (key.head >> 48 >= bounds[t] && key.head >> 48 < bounds[t + 1]) own.push_back(key);
    std::sort(own.begin(), own.end(), [](const Key& a, const Key& b) { return a.head != b.head ? a.head < b.head : a.tail != b.tail ? a.tail < b.tail : a.index < b.index; });
    char* at = sorted + starts[t] * RECORD;
    for (Key& key : own) { memcpy(at, in + (size_t)key.index * RECORD, RECORD); at += RECORD; }
    for (size_t done = starts[t] * RECORD, end = starts[t + 1] * RECORD; done < end;) {
      ssize_t wrote = pwrite(out, sorted + done, end - done, done);
      if (wrote <= 0) { perror(args[2]); exit(1); }
      done += wrote;
    }
  });
  return close(out);
}
