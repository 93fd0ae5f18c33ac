# Meta Fuji switch BMC: AST2600, one Cortex-A7 core used. CHIP=16m builds it for chips of 16 MiB,
# DESCRIPTION=board.dts with a board description of one's own.
CROSS   := arm-none-eabi-
HAL      = aspeed lwip portable bare
FORMATS := fit uimage
PARTS   := onie fru sff8472 sff8636 cmis
LIBS    := mbedtls fdt tinycbor lwip
MBEDTLS := mbedtls_device.h
CPU     := -mcpu=cortex-a7 -mthumb -mfloat-abi=soft
CFLAGS  += -Os -g1 -flto -flto-partition=one $(CPU) --specs=nano.specs
LDFLAGS += $(CPU) -nostartfiles -Wl,-u,__udivmoddi4 -Wl,-T,$(here)/board.ld -Wl,-Map,$(out)/agent.map -Wl,--cref
PROGRAM := agent.elf
MORE    := $(out)/flash.bin $(out)/board.dtb
AUTHORITY_NAME := board_authority
here    := boards/fuji-bmc

# Most of a measuring cycle is SHA-256: this file alone is built for speed.
$(out)/src/mbedtls/library/sha256.o: CFLAGS += -O2 -marm

# Found by name when the rest is optimised already.
$(out)/hal/bare/%.o: CFLAGS += -fno-lto

# The board description is part of the agent: no image can move it. Linux' paths stay out of it.
$(out)/fuji.dts: boards/linux/fuji.dts
	@mkdir -p $(@D)
	$(Q)sed '/sekisho,path/d' $< >$@
DESCRIPTION ?= $(here)/board$(CHIP:%=-%).dts
$(out)/board.dtb: $(DESCRIPTION) $(here)/board.dts $(out)/fuji.dts
	$(Q)dtc -q -I dts -O dtb -i $(out) -o $@ $<

$(out)/$(here)/start.o: CPPFLAGS += -DBOARD_DTB='"$(out)/board.dtb"'
$(out)/$(here)/start.o: $(out)/board.dtb
$(out)/$(PROGRAM): $(here)/board.ld

# The chip as it leaves a programmer: STORE=store.itb (factory trust store), OS=os.itb.
$(out)/flash.bin: $(out)/$(PROGRAM) $(here)/flash.sh $(STORE) $(OS)
	@echo "  flash   $@"
	$(Q)$(CROSS)objcopy -O binary $< $(out)/agent.bin
	$(Q)$(here)/flash.sh -o $@ -a $(out)/agent.bin $(CHIP:%=-c %) $(STORE:%=-s %) $(OS:%=-i %)
