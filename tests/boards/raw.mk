# The yardstick of tests/bench/gate.sh: a program that does nothing but read a chip, in user mode, on
# the board of boards/fuji-bmc and with its start.
CROSS   := arm-none-eabi-
HAL     := aspeed bare
LIBS    :=
MBEDTLS := mbedtls_device.h
CPU     := -mcpu=cortex-a7 -mthumb -mfloat-abi=soft
CFLAGS  += -Os $(CPU) --specs=nano.specs
LDFLAGS += $(CPU) -nostartfiles -Wl,-u,__udivmoddi4 -Wl,-T,boards/fuji-bmc/board.ld
MORE    := $(out)/raw.elf

$(out)/boards/fuji-bmc/start.o: CPPFLAGS += -DBOARD_DTB='"$(out)/none.dtb"'
$(out)/boards/fuji-bmc/start.o: $(out)/none.dtb
$(out)/none.dtb:
	$(Q): >$@
$(out)/raw.elf: $(call objects,tests/bench/raw_read.c boards/fuji-bmc/start.S) $(archives)
	@echo "  link    $@"
	$(Q)$(link)
