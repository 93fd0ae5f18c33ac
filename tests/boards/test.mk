# The host that the tests run on: every source, with the fakes, under sanitizers. Each
# tests/*/test_*.c becomes a program; other .c files of unit, attack and interop are shared by them.
HAL      = linux portable fake x86
FORMATS := fit uimage
PARTS   := onie sff8472
LIBS    := mbedtls fdt tinycbor
MBEDTLS := mbedtls_bench.h
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS  += -O1 -g -pthread $(SANITIZE)
LDFLAGS += -pthread -Wl,--allow-multiple-definition
LDLIBS  += -lcmocka -ljansson
AUTHORITY_NAME := bench_demo_authority

tests  := $(wildcard tests/*/test_*.c)
shared := $(filter-out $(tests),$(wildcard tests/unit/*.c tests/attack/*.c tests/interop/*.c)) \
          $(filter-out %/main.c,$(wildcard boards/bench/*.c boards/bench/*/*.c boards/linux/*.c))
MORE   := $(tests:tests/%.c=$(out)/%)

$(out)/lib/libtests.a: $(call objects,$(shared)) $(out)/tables.o $(out)/authority.o
$(MORE): $(out)/%: $(out)/tests/%.o $(out)/lib/libtests.a $(archives)
	@mkdir -p $(@D)
	$(Q)$(link) $$(sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' tests/$*.c)
