/*
 * delay-line IFACE TAP DELAY_US JITTER_US LOSS_PPM
 *
 * A piece of cable that takes time, for kernels without netem. What arrives at IFACE leaves at TAP after the delay, and the other way
 * round; each direction keeps its order. IFACE must be on no bridge; TAP is made, and ends with this program. Both sides carry the
 * header that says what the kernel has left undone (checksums, segmentation), so offloads may stay on.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 10, LARGEST = 65536 + 64, BURST = 128 };
/* Bounded: what a link of 1 Gbit/s holds in half a second of small frames; the rest is dropped, as on a full cable. */
enum { MAX_QUEUED = 1 << 17 };

struct frame {
    struct frame *next;
    int64_t due;
    size_t length;
    uint8_t bytes[];
};

struct direction {
    int from, to;
    int64_t last;
    unsigned queued;
    struct frame *first, **end;
};

static int64_t delay, jitter, loss;
static uint64_t seed;

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

/* xorshift64*: the low half of one that is good enough for loss and jitter. */
static uint32_t chance(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 0x2545F4914F6CDD1DULL) >> 32);
}

static int open_interface(const char *name) {
    const int yes = 1, room = 16 << 20;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) err(1, "packet socket");
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
    if (at.sll_ifindex == 0) err(1, "%s", name);
    struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes)
        || setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all)) err(1, "options of %s", name);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&at, sizeof at)) err(1, "bind to %s", name);
    return fd;
}

static int open_tap(const char *name) {
    int size = HEADER, fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) err(1, "/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) || ioctl(fd, TUNSETVNETHDRSZ, &size) || ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) err(1, "%s", name);
    return fd;
}

static void take_in(struct direction *way) {
    static uint8_t bytes[LARGEST];
    for (int n = 0; n < BURST; n++) {
        ssize_t length = read(way->from, bytes, sizeof bytes);
        if (length <= 0) return;
        if (chance() % 1000000 < loss || way->queued == MAX_QUEUED) continue;
        struct frame *frame = malloc(sizeof *frame + (size_t)length);
        if (frame == NULL) err(1, "memory");
        frame->next = NULL;
        frame->length = (size_t)length;
        frame->due = now() + delay + (jitter ? chance() % jitter : 0);
        if (frame->due < way->last) frame->due = way->last;
        way->last = frame->due;
        memcpy(frame->bytes, bytes, frame->length);
        *way->end = frame;
        way->end = &frame->next;
        way->queued++;
    }
}

static void let_out(struct direction *way) {
    const int64_t at = now();
    while (way->first != NULL && way->first->due <= at) {
        struct frame *frame = way->first;
        /* A full or absent other side loses it, as a cable does. */
        if (write(way->to, frame->bytes, frame->length) < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EIO && errno != EINVAL && errno != ENETDOWN) err(1, "write");
        way->first = frame->next;
        if (way->first == NULL) way->end = &way->first;
        way->queued--;
        free(frame);
    }
}

int main(int count, char **words) {
    if (count != 6) errx(2, "usage: delay-line IFACE TAP DELAY_US JITTER_US LOSS_PPM");
    delay = atoll(words[3]) * 1000;
    jitter = atoll(words[4]) * 1000;
    loss = atoll(words[5]);
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed || seed == 0) seed = 1;
    const int interface = open_interface(words[1]), tap = open_tap(words[2]);
    struct direction ways[2] = {{.from = interface, .to = tap}, {.from = tap, .to = interface}};
    for (int i = 0; i < 2; i++) ways[i].end = &ways[i].first;
    puts("ready");
    fflush(stdout);
    for (;;) {
        int64_t wait = 1000000000;
        for (int i = 0; i < 2; i++) {
            if (ways[i].first == NULL) continue;
            const int64_t left = ways[i].first->due - now();
            if (left < wait) wait = left > 0 ? left : 0;
        }
        struct pollfd fds[2] = {{.fd = interface, .events = POLLIN}, {.fd = tap, .events = POLLIN}};
        struct timespec most = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        if (ppoll(fds, 2, &most, NULL) < 0 && errno != EINTR) err(1, "poll");
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents != 0) take_in(&ways[i]);
            let_out(&ways[i]);
        }
    }
}
