#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "include/database_files.h"

// https://www.sqlite.org/vfs.html and https://www.sqlite.org/fileformat2.html#walformat

enum {
  // As much as SQLite's file for Unix writes in one system call.
  CAPACITY = (128 << 10) - 1,
  FRAME_HEADER = 24,
};

/// A write-ahead log: SQLite's own file, and what it was told to write and does not hold yet.
typedef struct {
  sqlite3_file file;
  uint8_t *bytes;
  sqlite3_int64 start;
  int count;
  /// The page that comes next ends a transaction.
  bool ends_transaction;
} LogFile;

static sqlite3_vfs *base;

static sqlite3_file *inner(sqlite3_file *file) { return (sqlite3_file *)((LogFile *)file + 1); }

/// What could not be written is forgotten: SQLite ends the transaction, and writes these places anew.
static int flush(sqlite3_file *file) {
  LogFile *log = (LogFile *)file;
  if (!log->count) return SQLITE_OK;
  int count = log->count;
  log->count = 0;
  return inner(file)->pMethods->xWrite(inner(file), log->bytes, count, log->start);
}

/// Whether these bytes are the header of a transaction's last frame: it holds the size of the database after it.
static bool is_last_header(const uint8_t *bytes, int count) {
  return count == FRAME_HEADER && (bytes[4] | bytes[5] | bytes[6] | bytes[7]);
}

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  LogFile *log = (LogFile *)file;
  bool ends = log->ends_transaction, is_last = is_last_header(bytes, count);
  log->ends_transaction = is_last;
  if (log->count && (offset != log->start + log->count || count > CAPACITY - log->count)) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
  }
  if (!log->bytes && !(log->bytes = sqlite3_malloc(CAPACITY))) return SQLITE_IOERR_NOMEM;
  // A last header on its own may be one whose page is in the file already.
  if (!log->count && (is_last || count > CAPACITY))
    return inner(file)->pMethods->xWrite(inner(file), bytes, count, offset);
  if (!log->count) log->start = offset;
  memcpy(log->bytes + log->count, bytes, count);
  log->count += count;
  // Other connections may look for the transaction as soon as this returns.
  return ends ? flush(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int code = flush(file);
  return code == SQLITE_OK ? inner(file)->pMethods->xRead(inner(file), bytes, count, offset) : code;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int code = flush(file);
  return code == SQLITE_OK ? inner(file)->pMethods->xTruncate(inner(file), size) : code;
}

static int log_sync(sqlite3_file *file, int flags) {
  int code = flush(file);
  return code == SQLITE_OK ? inner(file)->pMethods->xSync(inner(file), flags) : code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size) {
  int code = flush(file);
  return code == SQLITE_OK ? inner(file)->pMethods->xFileSize(inner(file), size) : code;
}

static int log_close(sqlite3_file *file) {
  int code = flush(file);
  sqlite3_free(((LogFile *)file)->bytes);
  int closed = inner(file)->pMethods->xClose(inner(file));
  return code == SQLITE_OK ? closed : code;
}

static int log_lock(sqlite3_file *file, int level) { return inner(file)->pMethods->xLock(inner(file), level); }

static int log_unlock(sqlite3_file *file, int level) { return inner(file)->pMethods->xUnlock(inner(file), level); }

static int log_check_lock(sqlite3_file *file, int *held) {
  return inner(file)->pMethods->xCheckReservedLock(inner(file), held);
}

static int log_control(sqlite3_file *file, int operation, void *argument) {
  return inner(file)->pMethods->xFileControl(inner(file), operation, argument);
}

static int log_sector_size(sqlite3_file *file) { return inner(file)->pMethods->xSectorSize(inner(file)); }

static int log_characteristics(sqlite3_file *file) {
  return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_check_lock,
    .xFileControl = log_control,
    .xSectorSize = log_sector_size,
    .xDeviceCharacteristics = log_characteristics,
};

static int open_file(sqlite3_vfs *layer, sqlite3_filename name, sqlite3_file *file, int flags, int *taken) {
  (void)layer;
  if (!(flags & SQLITE_OPEN_WAL)) return base->xOpen(base, name, file, flags, taken);
  memset(file, 0, sizeof(LogFile));
  int code = base->xOpen(base, name, inner(file), flags, taken);
  if (code == SQLITE_OK) file->pMethods = &log_methods;
  else if (inner(file)->pMethods) inner(file)->pMethods->xClose(inner(file));
  return code;
}

static sqlite3_vfs layer;

int database_files_install(void) {
  // Totals of memory, which nobody reads, cost a lock for every allocation. Refused once SQLite is in use: no matter.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  int code = sqlite3_initialize();
  if (code != SQLITE_OK) return code;
  sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
  sqlite3_mutex_enter(mutex);
  if (!base) {
    base = sqlite3_vfs_find(NULL);
    layer = *base;
    layer.zName = "ndx";
    layer.szOsFile = base->szOsFile + sizeof(LogFile);
    layer.xOpen = open_file;
    code = sqlite3_vfs_register(&layer, 1);
    if (code != SQLITE_OK) base = NULL;
  }
  sqlite3_mutex_leave(mutex);
  return code;
}
