# The technician's command, for this machine.
PROGRAMS := sekisho
MAIN_sekisho := $(wildcard boards/bench/*.c boards/bench/*/*.c)
MODULES := $(wildcard hal/linux/*.c hal/x86/*.c)
FORMATS := fit uimage
PARTS := onie sff8472
MBEDTLS_CONFIG := boards/setup/mbedtls_bench.h
CPUFLAGS := -fstack-protector-strong -D_FORTIFY_SOURCE=2
# Static: a technician's stick holds one file, and it starts in half the time.
LDFLAGS_BOARD := -static -Wl,-z,relro,-z,now -Wl,-O1
LDLIBS := -l:libjansson.a -lpthread
# The bench is told which authority it trusts; only --demo uses a key that is built in.
override AUTHORITY := build/keys/demo/authority.pub.pem
