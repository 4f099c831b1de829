// clang-format off
// Every byte of weir's own that outlives a process or travels to another one. Version 1.
//
// A reader meets only the version it was built for: another one on disk or in a changelog is an
// error that names both; in a repartition topic the first byte of a value is one that it knows.
//
// varint, zigzag, time (8 bytes that sort as the number) and bytes(x) are those of <weir/bytes.h>;
// KeySerde and StateSerde those of <weir/serde.h>.
//
// ---- Directory of a task ------------------------------------------ lib/src/state
//
//   directory    = owner-file lmdb-environment        <state_dir>/<job>/<task>/
//   owner-file   = "weir state 1\n" pid "\n"           named `owner`; locked while it is in use
//   lmdb         = db("meta") db("store/" name)*       files data.mdb and lock.mdb
//
//   meta         = "format"      -> varint(version)
//                  "fingerprint" -> bytes of the topology's fingerprint
//                  "boot"        -> boot id of the machine that last opened it
//                  "clean"       -> 00 in use or crashed | 01 closed and synced
//                  "task"        -> time at which the stores held all of their changelogs
//                  "store/" name -> position
//   position     = zigzag(changelog-offset) zigzag(stream-time)
//                    offset: next record to restore, -1 for none; stream-time: kNoTime for none
//
//   store row    = plain-key -> value                  keys of at most 495 bytes
//                | long-key  -> entry+                 longer keys, by their first 495 bytes
//   plain-key    = key                                 unless it consists of zero bytes only,
//                | 00 key                              the empty key among them: LMDB has none
//   long-key     = first 495 bytes of key, hash8       503 bytes, which no plain key has
//   entry        = bytes(rest of key) bytes(value)     ascending by rest; one, unless hashes meet
//   hash8        = 64 bits, big endian, FNV-1a over the rest of the key
//
// ---- Changelog ----------------------------------------------------- lib/src/engine
//
//   record       = key of a row; value: 01 value of the row | null, erased
//
// ---- Rows of operators --------------------------------------------- lib/include/weir/detail
//
//   stage time   = 00 -> time                          shorter than any other row's key
//   row          = time(bucket start) key -> entry     of every table by time (timed_table.h)
//                | time(bucket start) 00 key -> entry  of one whose entries tell what is new in
//                | time(bucket start) 01 key number -> news            them; number: 4 bytes, big
//                                                      endian, from 0 without gaps
//   windows        bucket: pane, or window where nothing is shared (window_state.h)
//                  key   = KeySerde(key) missed        missed: 2 bytes, big endian, of the pane's
//                                                      windows those that these records missed
//                  entry = zigzag(newest) StateSerde(aggregate)
//                  news  = zigzag(newest), of each part of the aggregate its news or all of it
//   per event      bucket: by the records' time (per_event_state.h); key = KeySerde(key)
//                  entry = { varint(time - bucket) varint(arrival) varint(lost) bytes(value) }*
//                          value: StateSerde
//   sessions       bucket: by the session's end (session_state.h); key = KeySerde(key)
//                  entry = varint(count) { zigzag(end) varint(end - start) StateSerde(aggregate) }*
//   joins          bucket: by the rows' time (join_side.cpp); key = KeySerde(key)
//                  entry = { open varint(time - bucket) varint(observed - time, 0 if before)
//                            bytes(StateSerde(value)) }*, as they came
//                  open  = 01 it has no partner and will come out alone | 00
//   match_once     bucket: of the oldest that waits, else of the newest time (match_state.cpp)
//                  key   = KeySerde(key); entry = part*, as they came
//                  part  = 's' le-time                 a left record was seen
//                        | 'm' le-time                 a left record of that time was matched
//                        | 'i' le-time bytes(id)       a right record was seen, id by KeySerde
//                        | 'l' le-time bytes(value)    a left record waits
//                        | 'r' le-time bytes(value)    a right record waits
//                  le-time = 8 bytes, little endian
//   deduplicate    bucket: as wide as `within`; key = KeySerde(id); entry = zigzag(time)
//   processors     StateSerde(key) -> StateSerde(value), no bucket (store.h)
//
// ---- Repartition topics -------------------------------------------- ends.h, engine/marker.h
//
//   record       = KeySerde(key) -> 01 zigzag(observed - timestamp) StateSerde(value)
//                                 | 02 StateSerde(value)         nothing had been observed before
//                                 | 05 zigzag(observed - timestamp) origin StateSerde(value)
//                                 | 06 origin StateSerde(value)  of a job with dead letters
//   origin       = hash4 varint(partition) varint(offset)        its place in a source topic
//   hash4        = 32 bits, big endian, FNV-1a over the topic's name
//   marker       = no key -> 03 varint(upstream partition) varint(upstream tasks) time(reached)
//                            flags                     01 nothing was ever read, 02 all was read
//   partial      = zigzag(pane) varint(missed) varint(records) zigzag(newest) StateSerde(aggregate)
//                                                      value of a global aggregate's first half
//
// ---- Text beside committed offsets --------------------------------- engine/input_clock.cpp
//
//   state        = (source | upstream) (" #" since " " number " " owner " " start)?
//                    how many results the task has given to sinks; engine/sink_position.h
//   source       = "weir1 " reached " " newest         decimal numbers
//   upstream     = "weir1 " reached " " base " " unit " " task*      of a repartition topic
//   task         = flags distance                      by upstream partition
//   flags        = one of "A".."H": 1 known, 2 empty, 4 caught up, added to "A"
//   distance     = "-" no time yet | "+" the end of time | hex*      what lies between base and
//                    its time, in units, rounded down; digits "a".."p", highest first, 0 is none
// clang-format on
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <weir/error.h>

namespace weir::detail {

inline constexpr std::uint64_t kLayoutVersion = 1;

// For bytes that weir wrote itself and does not understand: a disk that lies, or a job whose types
// have changed under the same names.
inline void check_stored(bool ok, std::string_view what) {
  if (ok) return;
  throw BrokenWorld(std::string(what) +
                    " cannot be read back: the types of the job have changed, or the disk is "
                    "damaged (reset the job, or give the operator another name)");
}

}  // namespace weir::detail
