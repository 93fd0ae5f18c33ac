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
    unsigned beacons;
};

/* Opens a target: serial:PATH[,BAUD] unix:PATH tcp://HOST:PORT coap://HOST[:PORT]. On failure *rule
 * is 0 for a target that is none (usage), else BN-001, and why says it. */
bool bench_link_open(struct bench_link *link, const char *target, sek_rule *rule,
                     char why[LINK_WHY]);
void bench_link_close(struct bench_link *link);

/* Sends one packet. False: the link is gone. */
bool bench_link_send(struct bench_link *link, struct sek_bytes packet);

/* Waits until a packet comes or until_ms (bench_now_ms) is reached. 1: packet, which is borrowed
 * until the next call; 0: time is over; -1: the link is gone. */
int bench_link_receive(struct bench_link *link, uint64_t until_ms, struct sek_bytes *packet);

/* Milliseconds of a clock that only grows. */
uint64_t bench_now_ms(void);

#endif
