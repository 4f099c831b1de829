#include "state/lmdb.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/lmdb_file.h"
#include "world.h"

namespace weir::state::test {
namespace {

class LmdbTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Lmdb::open(directory_.path(), Lmdb::Access::kWrite, {1 << 16, 4});
    ASSERT_TRUE(opened);
    lmdb_ = std::move(*opened);
    lmdb_->write([&](MDB_txn* txn) { return mdb_dbi_open(txn, "rows", MDB_CREATE, &db_); });
  }
  int put(MDB_txn* txn, int i) {
    MDB_val key{sizeof(i), &i};
    std::string text(500, 'x');
    MDB_val value{text.size(), text.data()};
    return mdb_put(txn, db_, &key, &value, 0);
  }
  std::size_t rows() {
    MDB_txn* txn = lmdb_->begin_read();
    MDB_stat stat{};
    lmdb_->must(mdb_stat(txn, db_, &stat), "counting");
    mdb_txn_abort(txn);
    return stat.ms_entries;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Lmdb> lmdb_;
  MDB_dbi db_ = 0;
};

TEST_F(LmdbTest, AWriteRunsAgainWhenTheMapWasFull) {
  int runs = 0;
  lmdb_->write([&](MDB_txn* txn) {
    ++runs;
    int code = MDB_SUCCESS;
    for (int i = 0; i < 1000 && code == MDB_SUCCESS; ++i) code = put(txn, i);
    return code;
  });
  EXPECT_GT(runs, 1);
  EXPECT_EQ(rows(), 1000U);
  EXPECT_GT(lmdb_->about().me_mapsize, std::size_t{1} << 16);
}

TEST_F(LmdbTest, AWriteThatFailsOrThrowsLeavesNothing) {
  EXPECT_THROW(lmdb_->write([&](MDB_txn* txn) {
    EXPECT_EQ(put(txn, 1), MDB_SUCCESS);
    return EIO;
  }),
               BrokenWorld);
  EXPECT_THROW(lmdb_->write([&](MDB_txn* txn) -> int {
    EXPECT_EQ(put(txn, 2), MDB_SUCCESS);
    throw BrokenWorld("elsewhere");
  }),
               BrokenWorld);
  EXPECT_EQ(rows(), 0U);
}

// LMDB does not write pages that one transaction took and gave back, even at the end of the file.
TEST_F(LmdbTest, AFileIsNeverShorterThanItsHeaderSays) {
  for (int count = 10; count < 60; ++count) {
    lmdb_->write([&](MDB_txn* txn) {
      int code = MDB_SUCCESS;
      for (int i = 0; i < count && code == MDB_SUCCESS; ++i) code = put(txn, i);
      for (int i = count; i-- > 0 && code == MDB_SUCCESS;) {
        MDB_val key{sizeof(i), &i};
        code = mdb_del(txn, db_, &key, nullptr);
      }
      return code;
    });
    ASSERT_EQ(file_damage(directory_.path()), std::nullopt) << count;
  }
}

}  // namespace
}  // namespace weir::state::test
