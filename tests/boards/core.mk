# The portable core alone, as a board without network would link it: Cortex-M4, Thumb-2, -Os, Mbed
# TLS and libfdt included. It is measured, not run. Its memory map is its budget: over it nothing
# links. The roots are what a board may call; what they do not reach is dropped.
CROSS   := arm-none-eabi-
FORMATS := fit uimage
PARTS   := onie sff8472
LIBS    := mbedtls fdt tinycbor
MBEDTLS := mbedtls_device.h
CPU     := -mcpu=cortex-m4 -mthumb
CFLAGS  += -Os $(CPU) --specs=nano.specs
LDFLAGS += -nostartfiles -Wl,-T,tests/boards/core/core.ld -Wl,-Map,$(out)/core.map -Wl,--cref
MORE    := $(out)/core.elf

# All public functions of firmware/ that need no network: an upper bound for any board.
roots = $$($(CROSS)nm --defined-only $(out)/lib/libfirmware.a | \
    awk '/^(coap|syslog|net)[a-z_]*\.o:/ {skip = 1; next} /\.o:/ {skip = 0} \
         $$2 == "T" && !skip {print "-Wl,-u," $$3}')

$(out)/lib/libtables.a: $(out)/tables.o
$(out)/core.elf: $(call objects,tests/boards/core/main.c) $(archives) $(out)/lib/libtables.a \
        tests/boards/core/core.ld
	@echo "  link    $@"
	$(Q)$(link) $(roots)
