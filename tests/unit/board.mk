# Unit tests: one program per file, under the address and undefined-behaviour sanitizers.
PROGRAMS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
$(foreach name,$(PROGRAMS),$(eval MAIN_$(name) := tests/unit/$(name).c))
MODULES := $(wildcard hal/linux/*.c hal/x86/*.c hal/fake/*.c tests/unit/support/*.c boards/bench/store/*.c boards/bench/files.c boards/bench/enroll/*.c)
FORMATS := fit uimage
PARTS := onie sff8472
MBEDTLS_CONFIG := boards/setup/mbedtls_bench.h
OPTIMISE := -O1
CPUFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDLIBS := -lcmocka -ljansson -lpthread
