# The portable core as a board without network links it: Cortex-M4, Thumb-2, -Os, Mbed TLS and
# libfdt included. It is weighed, not run. Its memory map is its budget: over it nothing links.
CROSS   := arm-none-eabi-
HAL      = bare
FORMATS := fit uimage
PARTS   := onie sff8472
LIBS    := mbedtls fdt tinycbor
MBEDTLS := mbedtls_device.h
CPU     := -mcpu=cortex-m4 -mthumb
CFLAGS  += -Os $(CPU) --specs=nano.specs
LDFLAGS += -nostartfiles -Wl,-u,__udivmoddi4 -Wl,-T,tests/boards/core/core.ld -Wl,-Map,$(out)/core.map
MORE    := $(out)/core.elf

$(out)/core.elf: $(call objects,tests/boards/core/main.c) $(out)/tables.o $(out)/authority.o \
        $(archives) tests/boards/core/core.ld
	@echo "  link    $@"
	$(Q)$(link)
