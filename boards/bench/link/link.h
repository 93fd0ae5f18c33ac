/* One way to a device: packets go out and come in, whatever cable or network is between. */
#ifndef SEK_BENCH_LINK_LINK_H
#define SEK_BENCH_LINK_LINK_H

#include "channel/coap.h"
#include "channel/frame.h"
#include "hal/linux/serial.h"
#include "trust/verdict.h"

#include <stdbool.h>

enum { LINK_WHY = 160, LINK_SLOTS = 2 };

struct bench_link {
    bool framed;                /* lines on a console; else datagrams */
    bool wait_for_beacon;       /* serial: the console may still belong to the boot loader */
    struct linux_serial serial; /* framed */
    int socket;                 /* datagrams; -1 */
    struct sek_frame_decoder decoder;
    struct sek_frame_slot slot[LINK_SLOTS];
    uint8_t slot_data[LINK_SLOTS][SEK_COAP_PACKET_MAX + SEK_FRAME_OVERHEAD];
    uint8_t input[512]; /* bytes that have come and are not decoded yet */
    size_t input_len, input_pos;
    uint64_t bytes_out, bytes_in; /* on the wire */
    bool gone;                    /* for good */
    unsigned beacons;
    unsigned packets; /* whole ones that came */
    unsigned begun;   /* lines of answers that began, whole or not */
    unsigned refused; /* datagrams that nobody takes at that port */
    char last[5];     /* characters, to see such a line begin */
};

/* Is it written like a target: serial:PATH[,BAUD] unix:PATH tcp://HOST:PORT coap://HOST[:PORT]? */
bool bench_link_is_target(const char *target);

/* Opens a target. A serial port is locked, so that two programs do not read each other's answers.
 * On failure *rule is 0 for a target that is none (usage), BN-004 for a port that another program
 * holds, else BN-001, and why says it. */
bool bench_link_open(struct bench_link *link, const char *target, sek_rule *rule,
                     char why[LINK_WHY]);
void bench_link_close(struct bench_link *link);

/* Sends one packet. False: the link is gone. */
bool bench_link_send(struct bench_link *link, struct sek_bytes packet);

/* Waits until a packet comes or until_ms (bench_now_ms) is reached. 1: packet, which is borrowed
 * until the next call; 0: time is over; -1: the link is gone, or a signal came. */
int bench_link_receive(struct bench_link *link, uint64_t until_ms, struct sek_bytes *packet);

/* Milliseconds of a clock that only grows. */
uint64_t bench_now_ms(void);

#endif
