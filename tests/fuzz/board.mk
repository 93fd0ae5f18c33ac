# Fuzz targets: one program per file, libFuzzer with both sanitizers.
CC := clang
PROGRAMS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
$(foreach name,$(PROGRAMS),$(eval MAIN_$(name) := tests/fuzz/$(name).c))
MODULES := $(wildcard hal/linux/*.c hal/x86/*.c hal/fake/*.c tests/unit/support/*.c boards/bench/store/*.c boards/bench/files.c)
FORMATS := fit uimage
PARTS := onie sff8472
MBEDTLS_CONFIG := boards/setup/mbedtls_bench.h
OPTIMISE := -O1
CPUFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_BOARD := -fsanitize=fuzzer
LDLIBS := -ljansson -lpthread
