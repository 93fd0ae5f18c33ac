# The agent as a service on a Linux appliance. ARCH=armhf: static, for the emulated switch.
PROGRAMS := sekisho-agent
MAIN_sekisho-agent := $(wildcard boards/linux/*.c)
MODULES := $(wildcard hal/linux/*.c hal/x86/*.c)
FORMATS := fit uimage
PARTS := onie sff8472
MBEDTLS_CONFIG := boards/setup/mbedtls_device.h
CPUFLAGS := -fstack-protector-strong -D_FORTIFY_SOURCE=2
LDFLAGS_BOARD := -Wl,-z,relro,-z,now
ifeq ($(ARCH),armhf)
CROSS := arm-linux-gnueabihf-
LDFLAGS_BOARD += -static
endif
