/* The server: a run of packets over three links and time, out of a byte string.
 * Each packet: one byte link and clock, one byte length, the bytes. One bit of the first byte
 * proves an address, so that the fuzzer gets behind Echo. */
#include "tests/unit/channel_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig *rig = rig_new();
    uint64_t now_ms = 0;

    while (size > 2) {
        struct sek_peer peer = {.link = (enum sek_link)(data[0] % 3), .len = data[0] >> 2 & 1};
        uint8_t out[SEK_COAP_PACKET_MAX];
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        size_t cap = data[0] & 128 ? sizeof out : 200;
        struct sek_bytes packet = {.data = data + 2, .len = len};
        bool known = false;
        size_t reply;

        now_ms += (uint64_t)(data[0] >> 3 & 15) * 500;
        for (size_t i = 0; i < SEK_LEN(rig->verified); i++)
            known = known || rig->verified[i].used;
        reply = sek_server_handle(&rig->server, now_ms, &peer, packet, out, cap);
        if (reply > cap || (peer.link == SEK_LINK_NETWORK && !known && rig->calls == 0 &&
                            reply > SEK_SERVER_AMPLIFY * len))
            abort();
        if ((data[0] & 64) && rig->verified[0].used == false)
            rig->verified[0] = (struct sek_verified){
                .used = true, .peer = {.link = SEK_LINK_NETWORK, .len = 1}, .made_ms = now_ms};
        data += 2 + len;
        size -= 2 + len;
    }
    rig_free(rig);
    return 0;
}
