# The technician's command on a workstation. Started once per file or device: linked static, it
# starts in half the time. --demo uses the key that is built in; else --authority names one.
PROGRAM := sekisho
HAL      = linux x86
FORMATS := all
PARTS   := all
SIGNATURES := ed25519
LIBS    := mbedtls fdt tinycbor sodium
MBEDTLS := mbedtls_bench.h
CFLAGS  += -O3 -pthread $(HARDEN)
LDFLAGS += -static -no-pie -pthread $(HARDEN_LD)
LDLIBS  += -l:libjansson.a -l:libexpat.a -l:libz.a
AUTHORITY_NAME := bench_demo_authority
# Whatever authority a device is built for, this is the one that counts only with --demo.
override AUTHORITY := build/keys/demo/authority.pub.pem
