# Linux appliance: the agent as a service. ARCH=armhf (arm64, mips, ...) cross-builds it static.
TRIPLET_armhf := arm-linux-gnueabihf
TRIPLET_arm64 := aarch64-linux-gnu

PROGRAM := sekisho-agent
CROSS   := $(if $(ARCH),$(TRIPLET_$(ARCH))-)
HAL      = linux x86
FORMATS := all
PARTS   := all
SIGNATURES := ed25519
LIBS    := mbedtls fdt tinycbor sodium
MBEDTLS := mbedtls_device.h
CFLAGS  += -O2 $(HARDEN)
LDFLAGS += $(HARDEN_LD) $(if $(ARCH),-static -no-pie,-pie)
AUTHORITY_NAME := board_authority
