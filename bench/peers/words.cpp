// Word count as fast as we could write it in C++: words found by SIMD masks, keys of up to 16 bytes inline in an
// open table, longer ones in a map. Words stand between bytes of at most 0x20. Input, output, threads.
#include <immintrin.h>
#include <unordered_map>
#include "ranges.hpp"

struct Slot { __m128i key; uint32_t length; uint64_t count; };

struct Table {
  size_t mask = (1 << 18) - 1, used = 0;
  std::vector<Slot> slots = std::vector<Slot>(mask + 1, Slot{_mm_setzero_si128(), 0, 0});
  std::unordered_map<std::string, uint64_t> longer;

  static uint64_t hash(__m128i key) {
    uint64_t low = _mm_cvtsi128_si64(key), high = _mm_extract_epi64(key, 1);
    uint64_t h = (low ^ (high * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull;
    return h ^ (h >> 32);
  }
  void add(__m128i key, uint32_t length, uint64_t n) {
    for (size_t i = hash(key) & mask;; i = (i + 1) & mask) {
      Slot& slot = slots[i];
      __m128i differ = _mm_xor_si128(slot.key, key);
      if (slot.length == length && _mm_testz_si128(differ, differ)) { slot.count += n; return; }
      if (slot.length == 0) {
        slot = {key, length, n};
        if (++used * 2 > mask) grow();
        return;
      }
    }
  }
  void grow() {
    std::vector<Slot> old = std::move(slots);
    mask = mask * 2 + 1;
    used = 0;
    slots.assign(mask + 1, Slot{_mm_setzero_si128(), 0, 0});
    for (Slot& slot : old) if (slot.length) add(slot.key, slot.length, slot.count);
  }
};

alignas(16) static const uint8_t KEEP[32] = {255,255,255,255,255,255,255,255,255,255,255,255,255,255,255,255};

static inline uint64_t spaces(const char* at) {
#ifdef __AVX512BW__
  return _mm512_cmple_epu8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(0x20));
#else
  __m256i limit = _mm256_set1_epi8(0x20), a = _mm256_loadu_si256((const __m256i*)at), b = _mm256_loadu_si256((const __m256i*)(at + 32));
  uint32_t low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(a, limit), limit)), high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(b, limit), limit));
  return low | (uint64_t)high << 32;
#endif
}

static void count(Table& table, const char* text, size_t length) {
  size_t start = 0;
  auto word = [&](size_t end) {
    size_t size = end - start;
    if (size == 0) return;
    if (size > 16) { table.longer[std::string(text + start, size)]++; return; }
    __m128i keep = _mm_loadu_si128((const __m128i*)(KEEP + 16 - size));
    table.add(_mm_and_si128(_mm_loadu_si128((const __m128i*)(text + start)), keep), size, 1);
  };
  for (size_t at = 0; at < length; at += 64) {
    uint64_t found = spaces(text + at);
    if (length - at < 64) found &= (1ull << (length - at)) - 1;
    for (; found; found &= found - 1) {
      size_t end = at + __builtin_ctzll(found);
      word(end);
      start = end + 1;
    }
  }
  if (start < length) word(length);
}

int main(int, char** args) {
  int threads = atoi(args[3]);
  std::vector<Table> tables(threads);
  for_chunks(args[1], threads, [&](int t, const char* text, size_t length) { count(tables[t], text, length); });
  Table& all = tables[0];
  for (int t = 1; t < threads; t++) {
    for (Slot& slot : tables[t].slots) if (slot.length) all.add(slot.key, slot.length, slot.count);
    for (auto& [key, n] : tables[t].longer) all.longer[key] += n;
  }
  FILE* out = fopen(args[2], "w");
  for (Slot& slot : all.slots) if (slot.length) { fwrite(&slot.key, 1, slot.length, out); fprintf(out, "\t%llu\n", (unsigned long long)slot.count); }
  for (auto& [key, n] : all.longer) fprintf(out, "%s\t%llu\n", key.c_str(), (unsigned long long)n);
  return fclose(out);
}
