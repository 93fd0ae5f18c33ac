# The technician's command on a workstation. Started once per file or device: libraries other than
# libc are linked in, so that it starts faster than what it is compared with.
PROGRAM := sekisho
HAL      = linux $(HAL_CPU)
FORMATS := fit uimage
PARTS   := onie sff8472
LIBS    := mbedtls fdt tinycbor
MBEDTLS := mbedtls_bench.h
CFLAGS  += -O2 -pthread $(HARDEN)
LDFLAGS += -pie -pthread $(HARDEN_LD)
LDLIBS  += -l:libjansson.a
AUTHORITY_NAME := bench_demo_authority
