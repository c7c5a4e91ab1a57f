// Preloaded before the C library (LD_PRELOAD): a clock that jumps and a disk that fails, both under a test's control.
//
// FAULTY_CLOCK names a file with the seconds by which the time of day is wrong. While the file that FAULTY_DISK names exists,
// the call that it names, `write` or `sync`, fails with EIO for every file whose path holds `outbox.db`.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static ssize_t contents(const char *variable, char *buffer, size_t size) {
  const char *path = getenv(variable);
  if (!path) return -1;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = syscall(SYS_read, file, buffer, size - 1);
  syscall(SYS_close, file);
  if (length >= 0) buffer[length] = 0;
  return length;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  char offset[32];
  int error = errno;
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) &&
      contents("FAULTY_CLOCK", offset, sizeof offset) > 0)
    time->tv_sec += atol(offset);
  errno = error;
  return result;
}

// Browsers read the time of day by these two.
time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

static int fails(const char *call, int file) {
  char wanted[16], link[32], path[4096];
  int error = errno;
  int does = 0;
  if (contents("FAULTY_DISK", wanted, sizeof wanted) > 0 && strncmp(wanted, call, strlen(call)) == 0) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
      path[length] = 0;
      does = strstr(path, "outbox.db") != NULL;
    }
  }
  errno = does ? EIO : error;
  return does;
}

ssize_t write(int file, const void *bytes, size_t count) {
  return fails("write", file) ? -1 : syscall(SYS_write, file, bytes, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return fails("write", file) ? -1 : syscall(SYS_pwrite64, file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return pwrite64(file, bytes, count, offset); }

int fsync(int file) { return fails("sync", file) ? -1 : (int)syscall(SYS_fsync, file); }

int fdatasync(int file) { return fails("sync", file) ? -1 : (int)syscall(SYS_fdatasync, file); }
