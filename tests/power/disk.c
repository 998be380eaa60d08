/* A disk that is watched, and that fails when it is told to.
 *
 * Loaded into the real daemon by LD_PRELOAD, this stands between it and the C
 * library, which is where SQLite and the standard library of Rust reach the
 * disk. What is done to files below $DISK_BELOW is written to $DISK_LOG with its
 * bytes and in its order, so that a test can rebuild every state in which a
 * power loss could have left them. Files in $DISK_FAULTS order faults while they
 * exist:
 *
 *   full      writes find no space
 *   readonly  writes find a disk that takes none
 *   unsynced  syncs fail, as they do once a disk loses what it had taken
 *   die       holds a number: the process is killed before that many further
 *             operations are done
 *   clock     holds seconds: the wall clock is off by so much
 *   names     holds a word: names are "down", "unknown", "slow" or "dual"
 *
 * One lock is held around each operation and its record, so that the order of
 * the records is the order of the operations, and what was written while a sync
 * ran is never taken for synced. Memory maps are not seen: the only one that is
 * written to is SQLite's index of its log, which it makes anew from the log
 * after a crash. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX 65536
#define PATH_BYTES_MAX 4096

struct record {
    char what; /* c(reate) w(rite) t(runcate) s(ync) f(ailed sync) u(nlink) r(ename) l(ine of log) */
    char unused[3];
    uint32_t name_bytes;
    uint64_t file; /* number of the inode */
    uint64_t offset;
    uint64_t bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char below[PATH_BYTES_MAX], faults[PATH_BYTES_MAX];
static int log_fd = -1;
static uint64_t file_of[FDS_MAX]; /* 0: not watched */
static long operations_left = -1;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_close)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_clock)(clockid_t, struct timespec *);
static int (*real_names)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_clock = dlsym(RTLD_NEXT, "clock_gettime");
    real_names = dlsym(RTLD_NEXT, "getaddrinfo");
    const char *variable = getenv("DISK_BELOW");
    if (variable) snprintf(below, sizeof below, "%s", variable);
    if ((variable = getenv("DISK_FAULTS"))) snprintf(faults, sizeof faults, "%s", variable);
    if ((variable = getenv("DISK_LOG")))
        log_fd = real_open(variable, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* What the file that orders a fault holds; null without such a file. */
static const char *ordered(const char *fault, char *text, size_t room) {
    char path[PATH_BYTES_MAX + 32];
    if (!*faults || !real_open) return NULL;
    snprintf(path, sizeof path, "%s/%s", faults, fault);
    int kept = errno, fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        errno = kept;
        return NULL;
    }
    ssize_t length = read(fd, text, room - 1);
    text[length > 0 ? length : 0] = 0;
    real_close(fd);
    errno = kept;
    return text;
}

static int is_ordered(const char *fault) {
    char text[2];
    return ordered(fault, text, sizeof text) != NULL;
}

static void die_if_ordered(void) {
    char text[32];
    if (!ordered("die", text, sizeof text)) return;
    if (operations_left < 0) operations_left = atol(text);
    if (operations_left-- == 0) raise(SIGKILL);
}

/* The error that an operation is to fail with, or 0. */
static int fault_of(int syncing) {
    die_if_ordered();
    if (syncing) return is_ordered("unsynced") ? EIO : 0;
    if (is_ordered("full")) return ENOSPC;
    return is_ordered("readonly") ? EROFS : 0;
}

static void note(char what, uint64_t file, uint64_t offset, const char *name, const void *data,
                 uint64_t bytes) {
    if (log_fd < 0) return;
    struct record record = {.what = what, .file = file, .offset = offset, .bytes = bytes};
    record.name_bytes = name ? strlen(name) : 0;
    struct iovec parts[3] = {{&record, sizeof record},
                             {(void *)name, record.name_bytes},
                             {(void *)data, data ? bytes : 0}};
    size_t whole = sizeof record + parts[1].iov_len + parts[2].iov_len;
    /* Half a record would make the rest illegible. */
    if (real_writev(log_fd, parts, 3) != (ssize_t)whole) abort();
}

/* The path below the watched folder, "" for the folder itself; null if outside. */
static const char *inside(const char *path) {
    size_t length = strlen(below);
    if (!length || strncmp(path, below, length)) return NULL;
    if (!path[length]) return "";
    return path[length] == '/' ? path + length + 1 : NULL;
}

static uint64_t watched(int fd) {
    return fd >= 0 && fd < FDS_MAX ? file_of[fd] : 0;
}

static int open_watched(const char *path, int flags, mode_t mode) {
    int is_new = (flags & O_CREAT) && access(path, F_OK);
    if (is_new) errno = 0;
    int fd = real_open(path, flags, mode);
    if (fd < 0 || fd >= FDS_MAX || !*below) return fd;
    char link[64], target[PATH_BYTES_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) return fd;
    target[length] = 0;
    const char *name = inside(target);
    struct stat64 status;
    if (!name || fstat64(fd, &status)) return fd;
    pthread_mutex_lock(&lock);
    if (is_new) note('c', status.st_ino, 0, name, NULL, 0);
    if (!is_new && (flags & O_TRUNC)) note('t', status.st_ino, 0, NULL, NULL, 0);
    file_of[fd] = status.st_ino;
    pthread_mutex_unlock(&lock);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_watched(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_watched(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
    if (watched(fd)) file_of[fd] = 0;
    return real_close(fd);
}

/* What the process says of itself stands in the record where it was said. */
static void note_said(int fd, const void *data, size_t bytes) {
    if (fd != STDERR_FILENO || log_fd < 0) return;
    pthread_mutex_lock(&lock);
    note('l', 0, 0, NULL, data, bytes);
    pthread_mutex_unlock(&lock);
}

ssize_t write(int fd, const void *data, size_t bytes) {
    if (!watched(fd)) {
        note_said(fd, data, bytes);
        return real_write(fd, data, bytes);
    }
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    int fault = fault_of(0);
    if (fault) {
        errno = fault;
    } else if ((done = real_write(fd, data, bytes)) > 0) {
        note('w', watched(fd), lseek64(fd, 0, SEEK_CUR) - done, NULL, data, done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
    if (!watched(fd)) return real_pwrite(fd, data, bytes, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    int fault = fault_of(0);
    if (fault) {
        errno = fault;
    } else if ((done = real_pwrite(fd, data, bytes, offset)) > 0) {
        note('w', watched(fd), offset, NULL, data, done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

/* Piece by piece: whoever calls is used to short writes. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!watched(fd) || count == 0) return real_writev(fd, parts, count);
    return write(fd, parts[0].iov_base, parts[0].iov_len);
}

int ftruncate64(int fd, off64_t length) {
    if (!watched(fd)) return real_ftruncate(fd, length);
    pthread_mutex_lock(&lock);
    int failed = -1, fault = is_ordered("readonly") ? EROFS : 0;
    if (fault) {
        errno = fault;
    } else if (!(failed = real_ftruncate(fd, length))) {
        note('t', watched(fd), length, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return failed;
}

static int sync_watched(int fd, int (*really)(int)) {
    if (!watched(fd)) return really(fd);
    pthread_mutex_lock(&lock);
    int failed = -1, fault = fault_of(1);
    if (fault) {
        errno = fault;
    } else {
        failed = really(fd);
    }
    note(failed ? 'f' : 's', watched(fd), 0, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int fsync(int fd) { return sync_watched(fd, real_fsync); }

int fdatasync(int fd) { return sync_watched(fd, real_fdatasync); }

int unlink(const char *path) {
    const char *name = inside(path);
    if (!name) return real_unlink(path);
    pthread_mutex_lock(&lock);
    int failed = real_unlink(path);
    if (!failed) note('u', 0, 0, name, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int rename(const char *from, const char *to) {
    const char *old = inside(from), *new = inside(to);
    if (!old || !new) return real_rename(from, to);
    pthread_mutex_lock(&lock);
    int failed = real_rename(from, to);
    if (!failed) note('r', 0, 0, old, new, strlen(new));
    pthread_mutex_unlock(&lock);
    return failed;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    char text[32];
    int failed = real_clock(clock, time);
    if (!failed && clock == CLOCK_REALTIME && ordered("clock", text, sizeof text))
        time->tv_sec += atol(text);
    return failed;
}

/* The names below "test" are those of loopback: ::1 and then 127.0.0.1 while
 * they are "dual", 127.0.0.1 alone otherwise. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    size_t length = name ? strlen(name) : 0;
    if (length < 5 || strcmp(name + length - 5, ".test"))
        return real_names(name, service, hints, found);
    char text[32] = "";
    ordered("names", text, sizeof text);
    if (!strncmp(text, "down", 4)) return EAI_AGAIN;
    if (!strncmp(text, "unknown", 7)) return EAI_NONAME;
    if (!strncmp(text, "slow", 4)) sleep(2);
    int failed = real_names("127.0.0.1", service, hints, found);
    if (failed || strncmp(text, "dual", 4)) return failed;
    struct addrinfo *first = NULL;
    failed = real_names("::1", service, hints, &first);
    if (failed) return failed;
    struct addrinfo *last = first;
    while (last->ai_next) last = last->ai_next;
    last->ai_next = *found;
    *found = first;
    return 0;
}
