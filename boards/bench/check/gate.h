/* The gate that started the system which was asked: its signed log, beside that system's own
 * evidence.
 *
 * The log is evidence of the start, so it is verified and judged as evidence is; what the running
 * system shows otherwise is told (EV-004). */
#ifndef SEK_BENCH_CHECK_GATE_H
#define SEK_BENCH_CHECK_GATE_H

#include "boards/bench/check/device.h"

/* If the answer names a log, fetches it, verifies it by the gate's certificate, checks that it is
 * the log of this device and of this start, and judges it. What is wrong is found; only a log
 * without fault before the judgement is kept (device->gate_log.there) and shown. */
void gate_ask(struct device *device, const struct device_answer *shown);

/* Every component that the gate and the answer tell differently is found, and the gate's rows count
 * for the device's outcome: the worse of two words stands. */
void gate_compare(struct device *device, const struct device_answer *shown);

#endif
