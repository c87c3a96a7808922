#pragma once

/// Makes SQLite write each commit to its write-ahead log in few large writes, for connections opened from now on.
///
/// SQLite writes two pieces for every page, 24 bytes and the page; a commit of a hundred pages is two hundred system
/// calls, which cost more than its fsync. What SQLite may rely on stays: bytes are in the file before anybody is told
/// of the commit, and on the disk after an fsync that succeeded.
///
/// For databases that only this process writes: pages of a transaction that was given up may wait here for the next one.
///
/// Called any number of times, from any thread. Returns an SQLite result code.
int database_files_install(void);
