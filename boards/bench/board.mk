# The technician's command on a workstation. Started once per file or device: linked static, it
# starts in half the time. --demo uses the key that is built in; else --authority names one.
PROGRAM := sekisho
HAL      = linux x86
FORMATS := fit uimage mcuboot spl_ast2600 spl_ast1030 openbmc sharch
PARTS   := onie sff8472
SIGNATURES := ed25519
LIBS    := mbedtls fdt tinycbor sodium
MBEDTLS := mbedtls_bench.h
CFLAGS  += -O2 -pthread $(HARDEN)
LDFLAGS += -static -no-pie -pthread $(HARDEN_LD)
LDLIBS  += -l:libjansson.a
AUTHORITY_NAME := bench_demo_authority
