// Lets the disk fail, or the process die, under one of its writes. Loaded before the C library (LD_PRELOAD) into the
// real service; the test that started it arms it through a small file that both have mapped.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// How many writes and fsyncs may still pass, and what then happens.
struct control {
  _Atomic int64_t remaining;
  _Atomic int64_t fault;
};
enum { NOTHING, DEATH, DISK_FULL };

static struct control *control;
static char folder[512];

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("NDX_FAULT_CONTROL"), *watched = getenv("NDX_FAULT_FOLDER");
  if (!path || !watched || strlen(watched) >= sizeof folder) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  strcpy(folder, watched);
  if (map != MAP_FAILED) control = map;
}

// Whether a file is one of the databases.
static int is_watched(int file) {
  char link[64], path[1024];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return !strncmp(path, folder, strlen(folder)) && strstr(path, ".sqlite");
}

static int64_t fault_at(int file) {
  if (!control || atomic_load(&control->fault) == NOTHING || !is_watched(file)) return NOTHING;
  return atomic_fetch_sub(&control->remaining, 1) > 0 ? NOTHING : atomic_load(&control->fault);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  switch (fault_at(file)) {
  case DEATH:
    NEXT(pwrite64)(file, bytes, count / 2, offset);
    die();
  case DISK_FULL:
    errno = ENOSPC;
    return -1;
  }
  return NEXT(pwrite64)(file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return pwrite64(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
  switch (fault_at(file)) {
  case DEATH:
    NEXT(write)(file, bytes, count / 2);
    die();
  case DISK_FULL:
    errno = ENOSPC;
    return -1;
  }
  return NEXT(write)(file, bytes, count);
}

int fdatasync(int file) {
  if (fault_at(file) == DEATH) die();
  return NEXT(fdatasync)(file);
}

int fsync(int file) {
  if (fault_at(file) == DEATH) die();
  return NEXT(fsync)(file);
}
