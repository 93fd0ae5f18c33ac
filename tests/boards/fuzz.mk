# The host that parsers are fuzzed on: clang's libFuzzer, every source instrumented. Each
# tests/fuzz/fuzz_*.c becomes a program. A fuzzer may define a function of ours itself (the check of
# signatures, say) to get behind it: the first definition wins.
HAL      = linux fake x86
FORMATS := all
PARTS   := all
SIGNATURES := ed25519
LIBS    := mbedtls fdt tinycbor sodium
MBEDTLS := mbedtls_bench.h
CC      := clang
CFLAGS  += -O1 -g -pthread -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDLIBS  += -lexpat
LDFLAGS += -pthread -fsanitize=fuzzer -Wl,--allow-multiple-definition

fuzzers := $(wildcard tests/fuzz/fuzz_*.c)
shared  := $(filter-out $(fuzzers),$(wildcard tests/fuzz/*.c)) \
           $(patsubst %,boards/bench/reference/%.c,cbor_item list lvfs rim) \
           boards/bench/store/determinations_form.c
MORE    := $(fuzzers:tests/fuzz/%.c=$(out)/%)

$(out)/lib/libtests.a: $(call objects,$(shared)) $(out)/tables.o
$(MORE): $(out)/%: $(out)/tests/fuzz/%.o $(out)/lib/libtests.a $(archives)
	$(Q)$(link)
