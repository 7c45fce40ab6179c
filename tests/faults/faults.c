/* Faults on demand, for the tests: put before the C library with LD_PRELOAD.
 *
 * The file named by FAULTS holds three numbers, which may be changed while the program runs:
 *   [0] seconds that the clock of the wall is off
 *   [1] milliseconds that a flush of a file below FAULTS_FOLDER takes
 *   [2] the error with which such a file refuses to be written to, 0 for none
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile long *faults;
static const char *folder = "";
static long none[3];

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAULTS");
    faults = none;
    if (getenv("FAULTS_FOLDER")) folder = getenv("FAULTS_FOLDER");
    int file = name ? open(name, O_RDONLY) : -1;
    if (file < 0) return;
    void *seen = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
    if (seen != MAP_FAILED) faults = seen;
    close(file);
}

static int watched(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !*folder) return 0;
    path[length] = 0;
    size_t above = strlen(folder);
    return strncmp(path, folder, above) == 0 && path[above] == '/'; /* not town.log beside town */
}

static int refused(int file) {
    if (!faults || !faults[2] || !watched(file)) return 0;
    errno = (int)faults[2];
    return 1;
}

static int slow(int file) {
    struct timespec step = {0, 5000000};
    if (faults && faults[1] && watched(file))
        for (long waited = 0; waited < faults[1]; waited += 5) nanosleep(&step, NULL);
    return refused(file);
}

int fsync(int file) {
    REAL(fsync);
    return slow(file) ? -1 : real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    return slow(file) ? -1 : real(file);
}

ssize_t write(int file, const void *data, size_t size) {
    REAL(write);
    return refused(file) ? -1 : real(file, data, size);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t where) {
    REAL(pwrite);
    return refused(file) ? -1 : real(file, data, size, where);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t where) {
    REAL(pwrite64);
    return refused(file) ? -1 : real(file, data, size, where);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    REAL(clock_gettime);
    int answer = real(which, now);
    if (which == CLOCK_REALTIME && faults) now->tv_sec += faults[0];
    return answer;
}
